//! Settings in layers, contact history.
