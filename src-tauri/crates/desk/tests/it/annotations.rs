//! What is put onto contacts here.

use crate::cast::*;
use trunkline_connector::Event;
use trunkline_desk::{Effect, Input};
use trunkline_model::*;

fn noted(name: &str, value: &str) -> Annotations {
    let customer = CustomerNote { name: Some("Ana Example".to_owned()), ..CustomerNote::default() };
    Annotations { attributes: [(name.to_owned(), value.to_owned())].into(), customer }
}

fn attributes(scene: &Scene) -> Vec<(String, String)> {
    let view = scene.desk.contact(&key("c1")).expect("the contact is there");
    view.contact.attributes.iter().map(|one| (one.name.clone(), one.value.clone())).collect()
}

#[test]
fn they_stay_on_the_contact_whatever_the_platform_says_next() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    let kept = scene.apply(Input::Annotated { contact: key("c1"), annotations: noted("plan", "gold") });
    assert_eq!(words(&kept.effects), ["annotate c1 1"], "they are kept for the next run");
    assert_eq!(attributes(&scene), [("plan".to_owned(), "gold".to_owned())], "and are on the contact");
    let attribute = Attribute { name: "menu".to_owned(), value: "2".to_owned() };
    let newer = Contact { attributes: vec![attribute], ..call("c1", ContactState::Connected, scene.now) };
    scene.contact(newer);
    let both = [("menu".to_owned(), "2".to_owned()), ("plan".to_owned(), "gold".to_owned())];
    assert_eq!(attributes(&scene), both, "beside what the platform has, by name");
    let view = scene.desk.contact(&key("c1")).expect("the contact is there");
    assert_eq!(view.contact.customer.name.as_deref(), Some("Ana Example"), "the customer is who the plugin knows");
    let again = scene.apply(Input::Annotated { contact: key("c1"), annotations: noted("plan", "gold") });
    assert_eq!(again.effects, [], "said again it is no news");
}

#[test]
fn they_go_into_the_history_and_then_for_good() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    scene.apply(Input::Annotated { contact: key("c1"), annotations: noted("disposition", "resolved") });
    let over = scene.call("c1", ContactState::Ended);
    let entry = over.iter().find_map(|effect| match effect {
        Effect::WriteHistory(entry) => Some(entry),
        _ => None,
    });
    let written = entry.map(|entry| entry.annotations.clone());
    assert_eq!(written, Some(noted("disposition", "resolved")), "the history has them");
    let gone = scene.event(Event::ContactGone { contact: ContactId::from("c1"), outcome: None });
    assert!(words(&gone).contains(&"annotate c1 0".to_owned()), "nothing is left to keep: {:?}", gone);
}

#[test]
fn those_of_an_earlier_run_wait_for_their_contact() {
    let mut scene = Scene::new();
    for contact in ["c1", "c2"] {
        scene.apply(Input::Annotated { contact: key(contact), annotations: noted("plan", "gold") });
    }
    scene.event(Event::ResyncStart);
    scene.call("c1", ContactState::Connected);
    assert_eq!(attributes(&scene).len(), 1, "it is back, and they with it");
    let settled = scene.event(Event::ResyncEnd);
    assert!(words(&settled).contains(&"annotate c2 0".to_owned()), "the other is over: {:?}", settled);
}

#[test]
fn with_the_account_all_of_them_go() {
    let mut scene = Scene::new();
    scene.call("c1", ContactState::Connected);
    for contact in ["c1", "c2"] {
        scene.apply(Input::Annotated { contact: key(contact), annotations: noted("plan", "gold") });
    }
    let removed = words(&scene.apply(Input::AccountRemoved(one())).effects);
    for told in ["annotate c1 0", "annotate c2 0"] {
        assert!(removed.contains(&told.to_owned()), "nothing is left to keep: {removed:?}");
    }
}
