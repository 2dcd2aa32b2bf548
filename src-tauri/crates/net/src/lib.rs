//! HTTP and WebSocket dialling with one TLS configuration, proxy, back-off and redaction.
