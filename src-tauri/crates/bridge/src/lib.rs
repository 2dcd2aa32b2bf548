//! The panel API over a loopback WebSocket, for the UI in a browser.
