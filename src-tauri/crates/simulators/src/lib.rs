//! Local servers that speak each platform's protocol, for demo mode and tests.
