//! A panel's side of the tray: the StatusNotifierWatcher that applications
//! register with, and what a panel can do with an item's menu
//! (com.canonical.dbusmenu).

#![expect(missing_docs, reason = "zbus::interface writes a trait of its own for signals")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};

/// An item of a menu on the bus: its number, its properties and the items in it.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

struct Watcher {
    items: Arc<Mutex<Vec<String>>>,
}

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: String,
        #[zbus(header)] header: zbus::message::Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        // An item names its bus name, or only its path: then the sender is the name.
        let name = if service.starts_with('/') {
            format!("{}{service}", header.sender().map(ToString::to_string).unwrap_or_default())
        } else {
            format!("{service}/StatusNotifierItem")
        };
        self.items.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        Self::status_notifier_item_registered(&emitter, &name).await?;
        Ok(())
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// One entry of a tray menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// Id within the menu.
    pub id: i32,
    /// Text.
    pub label: String,
    /// Can be clicked.
    pub enabled: bool,
}

/// The running panel side.
pub struct Tray {
    connection: zbus::Connection,
    items: Arc<Mutex<Vec<String>>>,
}

impl Tray {
    /// Takes the watcher's name on a bus.
    pub async fn start(bus: &str) -> Result<Self> {
        let items = Arc::new(Mutex::new(Vec::new()));
        let connection = zbus::connection::Builder::address(bus)?
            .serve_at("/StatusNotifierWatcher", Watcher { items: Arc::clone(&items) })?
            .name("org.kde.StatusNotifierWatcher")?
            .build()
            .await?;
        Ok(Self { connection, items })
    }

    /// Bus name and path of the newest item.
    pub fn item(&self) -> Option<(String, String)> {
        let items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, path) = items.last()?.split_once('/')?;
        Some((name.to_owned(), format!("/{path}")))
    }

    async fn menu_proxy(&self) -> Result<zbus::Proxy<'static>> {
        let (name, path) = self.item().context("no tray item has registered")?;
        let item = zbus::Proxy::new(&self.connection, name.clone(), path, "org.kde.StatusNotifierItem").await?;
        let menu: OwnedObjectPath = item.get_property("Menu").await?;
        Ok(zbus::Proxy::new(&self.connection, name, menu, "com.canonical.dbusmenu").await?)
    }

    /// The menu, flat, separators left out.
    pub async fn menu(&self) -> Result<Vec<MenuItem>> {
        let menu = self.menu_proxy().await?;
        let (_, layout): (u32, Layout) = menu.call("GetLayout", &(0_i32, -1_i32, Vec::<&str>::new())).await?;
        let mut found = Vec::new();
        for child in layout.2 {
            collect(&child, &mut found);
        }
        Ok(found)
    }

    /// Clicks the first entry whose text begins with `label`.
    pub async fn click(&self, label: &str) -> Result<()> {
        let menu = self.menu().await?;
        let Some(item) = menu.iter().find(|item| item.label.starts_with(label)) else {
            bail!("the tray menu has no {label:?}: {menu:?}");
        };
        if !item.enabled {
            bail!("{label:?} is disabled in the tray menu");
        }
        let proxy = self.menu_proxy().await?;
        proxy.call::<_, _, ()>("Event", &(item.id, "clicked", Value::I32(0), 0_u32)).await?;
        Ok(())
    }

    /// Icon name or tooltip title: what changes with the state.
    pub async fn tooltip(&self) -> Result<String> {
        let (name, path) = self.item().context("no tray item has registered")?;
        let item = zbus::Proxy::new(&self.connection, name, path, "org.kde.StatusNotifierItem").await?;
        let tip: OwnedValue = item.get_property("ToolTip").await?;
        Ok(format!("{tip:?}"))
    }
}

/// Menu nodes are (id, properties, children) in variants.
fn collect(node: &OwnedValue, into: &mut Vec<MenuItem>) {
    let value: &Value<'_> = node;
    let value = if let Value::Value(inner) = value { inner.as_ref() } else { value };
    let Value::Structure(structure) = value else { return };
    let structure: &Structure<'_> = structure;
    let [Value::I32(id), Value::Dict(properties), Value::Array(children), ..] = structure.fields() else {
        return;
    };
    let label = match properties.get::<&str, Value<'_>>(&"label").ok().flatten() {
        Some(Value::Str(label)) => label.as_str().replace('_', ""),
        _ => String::new(),
    };
    let enabled = !matches!(properties.get::<&str, Value<'_>>(&"enabled").ok().flatten(), Some(Value::Bool(false)));
    if !label.is_empty() {
        into.push(MenuItem { id: *id, label, enabled });
    }
    for child in children.iter() {
        if let Ok(child) = OwnedValue::try_from(child.clone()) {
            collect(&child, into);
        }
    }
}
