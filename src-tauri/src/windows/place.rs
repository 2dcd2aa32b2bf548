//! Where a login window goes: as it is wished for, as the agent left it last, or
//! in the middle; always as a whole on a screen that is there. Pure, but for the
//! small file that remembers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tauri::{PhysicalPosition, PhysicalSize};
use trunkline_connector::ports::LoginLook;

/// What a login page is laid out for.
const USUAL: Size = Size { width: 480.0, height: 720.0 };
/// Smaller, no password can be typed in.
const SMALLEST: Size = Size { width: 240.0, height: 240.0 };
/// Largest figure that is taken for a place or a size.
const FARTHEST: f64 = 32_000.0;

/// Logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// From left to right.
    pub width: f64,
    /// From top to bottom.
    pub height: f64,
}

/// Logical pixels from the corner of the first screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Corner {
    /// To the right.
    pub left: f64,
    /// Downwards.
    pub top: f64,
}

/// What is free of panels on one screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screen {
    /// Its corner.
    pub corner: Corner,
    /// Its size.
    pub size: Size,
}

/// A window's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Of the page.
    pub size: Size,
    /// `None`: in the middle, or wherever the desktop puts it.
    pub corner: Option<Corner>,
}

/// The place for a window. Of wish and memory each figure counts by itself.
pub fn place(look: &LoginLook, last: Option<Place>, screens: &[Screen]) -> Place {
    let side = |wished: Option<u32>, last: Option<f64>, usual: f64| wished.map(f64::from).or(last).unwrap_or(usual);
    let size = Size {
        width: side(look.width, last.map(|last| last.size.width), USUAL.width).max(SMALLEST.width),
        height: side(look.height, last.map(|last| last.size.height), USUAL.height).max(SMALLEST.height),
    };
    let left_last = last.and_then(|last| last.corner);
    let wished = look.left.is_some() || look.top.is_some();
    let corner = (wished || left_last.is_some()).then(|| Corner {
        left: look.left.map(f64::from).or(left_last.map(|corner| corner.left)).unwrap_or_default(),
        top: look.top.map(f64::from).or(left_last.map(|corner| corner.top)).unwrap_or_default(),
    });
    onto_a_screen(Place { size, corner }, screens)
}

/// Moves and shrinks it until nothing of it is off the screen it is nearest to.
fn onto_a_screen(place: Place, screens: &[Screen]) -> Place {
    let Some(corner) = place.corner else {
        // In the middle of the first one, which has to hold it.
        let size = screens.first().map_or(place.size, |screen| within(place.size, screen.size));
        return Place { size, corner: None };
    };
    let nearest = screens
        .iter()
        .min_by(|one, other| distance(corner, place.size, one).total_cmp(&distance(corner, place.size, other)));
    // The desktop tells of none: it will put the window where it can be seen.
    let Some(screen) = nearest else { return Place { corner: None, ..place } };
    let size = within(place.size, screen.size);
    let along = |at: f64, side: f64, from: f64, room: f64| at.min(from + room - side).max(from);
    let corner = Corner {
        left: along(corner.left, size.width, screen.corner.left, screen.size.width),
        top: along(corner.top, size.height, screen.corner.top, screen.size.height),
    };
    Place { size, corner: Some(corner) }
}

fn within(size: Size, room: Size) -> Size {
    Size { width: size.width.min(room.width), height: size.height.min(room.height) }
}

/// From the middle of a window to the nearest point of a screen.
fn distance(corner: Corner, size: Size, screen: &Screen) -> f64 {
    let off = |at: f64, from: f64, room: f64| (from - at).max(at - (from + room)).max(0.0);
    let across = off(corner.left + size.width / 2.0, screen.corner.left, screen.size.width);
    let down = off(corner.top + size.height / 2.0, screen.corner.top, screen.size.height);
    across.hypot(down)
}

/// Where the agent left the last login window, on disk.
#[derive(Clone, Debug)]
pub struct Memory(PathBuf);

impl Memory {
    /// In this folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join("login-window.json"))
    }

    /// What was remembered; anything that is no window's place is forgotten.
    pub fn read(&self) -> Option<Place> {
        let kept: Value = serde_json::from_slice(&std::fs::read(&self.0).ok()?).ok()?;
        let figure = |name: &str| kept[name].as_f64().filter(|figure| figure.abs() <= FARTHEST);
        let size = Size { width: figure("width")?, height: figure("height")? };
        let corner = figure("left").zip(figure("top")).map(|(left, top)| Corner { left, top });
        (size.width >= SMALLEST.width && size.height >= SMALLEST.height).then_some(Place { size, corner })
    }

    /// Remembers it for the next window.
    pub fn write(&self, place: Place) {
        let Place { size, corner } = place;
        let kept = json!({
            "width": size.width, "height": size.height,
            "left": corner.map(|corner| corner.left), "top": corner.map(|corner| corner.top),
        });
        if let Err(error) = std::fs::write(&self.0, kept.to_string()) {
            tracing::info!(%error, "the next login window opens in the middle again");
        }
    }
}

/// Follows an open window about. Clones follow the same one.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts(Arc<Mutex<Followed>>);

#[derive(Debug, Default)]
struct Followed {
    size: Option<PhysicalSize<u32>>,
    corner: Option<PhysicalPosition<i32>>,
    scale: f64,
}

impl Whereabouts {
    /// Physical pixels to a logical one, where it is now.
    pub fn scaled(&self, scale: f64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).scale = scale;
    }

    /// It has this size now.
    pub fn resized(&self, size: PhysicalSize<u32>) {
        // A window that is being hidden or minimised may be told of as nothing.
        if size.width > 0 && size.height > 0 {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).size = Some(size);
        }
    }

    /// It is here now.
    pub fn moved(&self, corner: PhysicalPosition<i32>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).corner = Some(corner);
    }

    /// Where it was last; `None` when nothing was heard of it.
    pub fn last(&self) -> Option<Place> {
        let followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let scale = if followed.scale > 0.0 { followed.scale } else { 1.0 };
        let size = followed.size?.to_logical::<f64>(scale);
        let corner = followed.corner.map(|corner| corner.to_logical::<f64>(scale));
        Some(Place {
            size: Size { width: size.width, height: size.height },
            corner: corner.map(|corner| Corner { left: corner.x, top: corner.y }),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    const FIRST: Screen =
        Screen { corner: Corner { left: 0.0, top: 32.0 }, size: Size { width: 1920.0, height: 1048.0 } };
    const SECOND: Screen =
        Screen { corner: Corner { left: -1280.0, top: 0.0 }, size: Size { width: 1280.0, height: 1024.0 } };

    fn at(left: f64, top: f64, width: f64, height: f64) -> Place {
        Place { size: Size { width, height }, corner: Some(Corner { left, top }) }
    }

    fn wish(left: i32, top: i32, width: u32, height: u32) -> LoginLook {
        LoginLook { width: Some(width), height: Some(height), left: Some(left), top: Some(top), stays: false }
    }

    #[test]
    fn wherever_it_is_wished_all_of_it_is_on_a_screen() {
        for (what, look, placed) in [
            ("far to the right", wish(9_000, 100, 433, 578), at(1920.0 - 433.0, 100.0, 433.0, 578.0)),
            ("above everything", wish(100, -500, 433, 578), at(100.0, 32.0, 433.0, 578.0)),
            ("half below", wish(100, 900, 433, 578), at(100.0, 1080.0 - 578.0, 433.0, 578.0)),
            ("larger than any screen", wish(0, 0, 8_000, 8_000), at(0.0, 32.0, 1920.0, 1048.0)),
            ("under the desktop's own bar", wish(0, 0, 433, 578), at(0.0, 32.0, 433.0, 578.0)),
            ("on the screen on the left", wish(-1_000, 50, 433, 578), at(-1_000.0, 50.0, 433.0, 578.0)),
            ("farther left than that", wish(-30_000, 50, 433, 578), at(-1280.0, 50.0, 433.0, 578.0)),
        ] {
            assert_eq!(place(&look, None, &[FIRST, SECOND]), placed, "wished {what}");
        }
    }

    #[test]
    fn a_screen_that_was_unplugged_does_not_hide_the_window() {
        let last = at(-1_000.0, 50.0, 500.0, 700.0);
        let both = place(&LoginLook::default(), Some(last), &[FIRST, SECOND]);
        assert_eq!(both, last, "as the agent left it");
        let one = place(&LoginLook::default(), Some(last), &[FIRST]);
        assert_eq!(one, at(0.0, 50.0, 500.0, 700.0), "on the screen that is left, as near as can be");
        let small = Screen { size: Size { width: 400.0, height: 300.0 }, ..FIRST };
        assert_eq!(place(&LoginLook::default(), Some(last), &[small]), at(0.0, 32.0, 400.0, 300.0), "and no larger");
    }

    #[test]
    fn what_is_set_wins_over_memory_figure_by_figure() {
        let last = at(700.0, 200.0, 500.0, 700.0);
        let look = LoginLook { width: Some(433), left: Some(10), ..LoginLook::default() };
        assert_eq!(place(&look, Some(last), &[FIRST]), at(10.0, 200.0, 433.0, 700.0), "the rest is remembered");
        let first = place(&LoginLook::default(), None, &[FIRST]);
        assert_eq!(first, Place { size: USUAL, corner: None }, "with neither it opens in the middle");
        let tall = Screen { size: Size { width: 1366.0, height: 600.0 }, ..FIRST };
        assert_eq!(place(&LoginLook::default(), None, &[tall]).size.height, 600.0, "no higher than the screen");
        assert_eq!(place(&wish(5, 5, 433, 578), None, &[]).corner, None, "no screen is known: the desktop decides");
    }

    #[test]
    fn a_memory_that_is_no_place_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::in_folder(folder.path());
        assert_eq!(memory.read(), None, "nothing is remembered yet");
        for broken in [
            "",
            "no json",
            "[]",
            r#"{"width":"480","height":720}"#,
            r#"{"width":1e300,"height":720,"left":0,"top":0}"#,
            r#"{"width":-480,"height":720,"left":0,"top":0}"#,
            r#"{"width":1,"height":1}"#,
        ] {
            std::fs::write(folder.path().join("login-window.json"), broken).unwrap();
            assert_eq!(memory.read(), None, "{broken:?} is not taken for a place");
        }
        std::fs::write(folder.path().join("login-window.json"), r#"{"width":480,"height":720,"left":9e9}"#).unwrap();
        assert_eq!(memory.read(), Some(Place { size: USUAL, corner: None }), "a size without a place is a size");
        let left = at(-5.0, 40.5, 500.0, 700.0);
        memory.write(left);
        assert_eq!(memory.read(), Some(left), "and a place is found again");
    }

    #[test]
    fn a_window_is_followed_until_it_is_gone() {
        let window = Whereabouts::default();
        assert_eq!(window.last(), None, "nothing was heard of it: nothing is remembered");
        window.scaled(2.0);
        window.resized(PhysicalSize::new(960, 1440));
        assert_eq!(window.last(), Some(Place { size: USUAL, corner: None }), "in logical pixels");
        window.moved(PhysicalPosition::new(-200, 100));
        window.resized(PhysicalSize::new(0, 0));
        assert_eq!(window.last(), Some(at(-100.0, 50.0, 480.0, 720.0)), "being hidden does not count");
    }
}
