//! Made-up devices.
