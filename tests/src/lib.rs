//! Journeys across crates, media, browser and the real window.
