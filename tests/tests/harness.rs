//! The proofs' own desktop does what the proofs rely on.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, SystemTime};

use trunkline_tests::harness::desktop::{Desktop, Furniture, devices};
use trunkline_tests::harness::notifications::Notifications;
use trunkline_tests::harness::sound::{self, Recorder};
use trunkline_tests::harness::tray::Tray;

#[tokio::test]
async fn what_is_played_at_a_sink_is_recorded_there_and_nowhere_else() {
    let desktop = Desktop::start(Furniture { keyring: true, dunst: true }).unwrap();
    let speaker = Recorder::start(&desktop, devices::SPEAKER).unwrap();
    let ringer = Recorder::start(&desktop, devices::RINGER).unwrap();
    let words = sound::telling_part(&trunkline_simulators::speech::sample(1), 2.0).to_vec();
    let from = SystemTime::now();
    let playing = sound::play(&desktop, devices::SPEAKER, &words).unwrap();
    let heard = sound::wait_to_hear(&speaker, from, &words, 0.95, Duration::from_secs(6)).unwrap();
    drop(playing);
    assert!(heard > 0.95, "the speaker's recording holds the words: {heard}");
    let elsewhere = sound::level(&ringer.between(from, SystemTime::now()).unwrap());
    assert!(elsewhere < 0.001, "the ringer's holds nothing: {elsewhere}");
}

#[tokio::test]
async fn notifications_are_stamped_and_the_tray_takes_its_name() {
    let desktop = Desktop::start(Furniture { keyring: false, dunst: false }).unwrap();
    let bus = desktop.variable("DBUS_SESSION_BUS_ADDRESS");
    let notifications = Notifications::start(bus).await.unwrap();
    let tray = Tray::start(bus).await.unwrap();
    let arguments = [
        "--session",
        "--print-reply",
        "--dest=org.freedesktop.Notifications",
        "/org/freedesktop/Notifications",
        "org.freedesktop.Notifications.Notify",
        "string:test",
        "uint32:0",
        "string:",
        "string:Incoming call",
        "string:body",
        "array:string:accept,Accept",
        "dict:string:string:",
        "int32:0",
    ];
    // dbus-send cannot write the variant dictionary of hints, so the service refuses the call.
    let refused = desktop.output("dbus-send", &arguments).is_err();
    assert!(refused && notifications.shown().is_empty(), "a malformed call is refused, not counted");
    assert!(tray.item().is_none(), "no item has registered yet");
    desktop.wait_for_name("org.kde.StatusNotifierWatcher").unwrap();
}
