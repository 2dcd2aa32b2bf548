//! Whether this desktop has a tray: the owner of `org.kde.StatusNotifierWatcher`
//! on the session bus (StatusNotifierItem specification). It may come after us
//! (a panel starts late) and go again (an extension is switched off).

use std::time::Duration;

use futures_util::StreamExt;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
/// Between tries to reach a session bus that is not there.
const RETRY: Duration = Duration::from_secs(30);

/// Tells at once, then at every change, whether there is a tray.
pub async fn run(tell: impl Fn(bool) + Send + Sync + 'static) {
    loop {
        if let Err(error) = watch(&tell).await {
            tracing::info!(%error, "no tray: the session bus cannot be used");
        }
        tell(false);
        tokio::time::sleep(RETRY).await;
    }
}

async fn watch(tell: &(impl Fn(bool) + Send + Sync)) -> zbus::Result<()> {
    let connection = Connection::session().await?;
    let bus = DBusProxy::new(&connection).await?;
    let mut owners = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    tell(bus.name_has_owner(BusName::try_from(WATCHER)?).await?);
    while let Some(change) = owners.next().await {
        tell(change.args()?.new_owner().is_some());
    }
    Ok(())
}
