//! Fakes, a fixed cast and recorders for tests.
