//! Composition: accounts, desk, audio, media, vault and store at work together, with no window.
