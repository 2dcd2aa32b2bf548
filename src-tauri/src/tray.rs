//! The tray icon: a StatusNotifierItem through tray-icon's ksni back end.

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Runtime};
use trunkline_desk::TrayState;

use crate::shell::Shell;
use crate::tray_menu::{Choice, TrayMenu, TrayView, tooltip};

/// The icon with its menu. Used on the main thread alone.
pub struct Tray<R: Runtime> {
    icon: TrayIcon<R>,
    told: Vec<MenuItem<R>>,
    lines: Vec<(Choice, MenuItem<R>)>,
    shown: TrayView,
}

impl<R: Runtime> Tray<R> {
    /// Puts the icon up. Fails when the desktop has no tray.
    pub fn build(app: &AppHandle<R>, view: TrayView) -> tauri::Result<Self> {
        let (menu, told, lines) = menu(app, &TrayMenu::of(&view))?;
        let icon = TrayIconBuilder::with_id("trunkline")
            .icon(picture(view.state))
            .title(crate::words::NAME)
            .tooltip(tooltip(&view))
            .menu(&menu)
            .show_menu_on_left_click(false)
            .on_menu_event(|app, event| {
                if let Some(choice) = Choice::of_id(event.id().as_ref()) {
                    Shell::of(app).tray_choice(app, choice);
                }
            })
            .on_tray_icon_event(|icon, event| {
                if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
                    Shell::of(icon.app_handle()).tray_choice(icon.app_handle(), Choice::Show);
                }
            })
            .build(app)?;
        Ok(Self { icon, told, lines, shown: view })
    }

    /// Draws what has changed.
    pub fn draw(&mut self, app: &AppHandle<R>, view: TrayView) -> tauri::Result<()> {
        if view == self.shown {
            return Ok(());
        }
        if view.state != self.shown.state {
            self.icon.set_icon(Some(picture(view.state)))?;
        }
        self.icon.set_tooltip(Some(tooltip(&view)))?;
        let wanted = TrayMenu::of(&view);
        if wanted.told.len() == self.told.len() {
            // In place: a menu built anew would close under the agent's pointer.
            for (item, text) in self.told.iter().zip(&wanted.told) {
                item.set_text(text)?;
            }
            for ((_, item), line) in self.lines.iter().zip(&wanted.lines) {
                item.set_text(&line.text)?;
                item.set_enabled(line.enabled)?;
            }
        } else {
            let (menu, told, lines) = menu(app, &wanted)?;
            self.icon.set_menu(Some(menu))?;
            (self.told, self.lines) = (told, lines);
        }
        self.shown = view;
        Ok(())
    }
}

type Parts<R> = (Menu<R>, Vec<MenuItem<R>>, Vec<(Choice, MenuItem<R>)>);

fn menu<R: Runtime>(app: &AppHandle<R>, wanted: &TrayMenu) -> tauri::Result<Parts<R>> {
    let menu = Menu::new(app)?;
    let mut told = Vec::new();
    for text in &wanted.told {
        let item = MenuItem::new(app, text, false, None::<&str>)?;
        menu.append(&item)?;
        told.push(item);
    }
    menu.append(&PredefinedMenuItem::separator(app)?)?;
    let mut lines = Vec::new();
    for line in &wanted.lines {
        if matches!(line.choice, Choice::NumberPad | Choice::Show) {
            menu.append(&PredefinedMenuItem::separator(app)?)?;
        }
        let item = MenuItem::with_id(app, line.choice.id(), &line.text, line.enabled, None::<&str>)?;
        menu.append(&item)?;
        lines.push((line.choice, item));
    }
    Ok((menu, told, lines))
}

/// The state by shape as well as by colour.
fn picture(state: TrayState) -> Image<'static> {
    match state {
        TrayState::Offline => tauri::include_image!("icons/tray/offline.png"),
        TrayState::NotReady => tauri::include_image!("icons/tray/not-ready.png"),
        TrayState::Ready => tauri::include_image!("icons/tray/ready.png"),
        TrayState::WrapUp => tauri::include_image!("icons/tray/wrap-up.png"),
        TrayState::InCall => tauri::include_image!("icons/tray/in-call.png"),
        TrayState::Muted => tauri::include_image!("icons/tray/muted.png"),
        TrayState::Trouble => tauri::include_image!("icons/tray/trouble.png"),
        TrayState::Ringing => tauri::include_image!("icons/tray/ringing.png"),
    }
}
