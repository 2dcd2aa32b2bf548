//! The demo's pull lists and announcements.

use super::demo::{ExpertflowPace, next_words};
use super::options::CustomerOffer;
use super::sim::ExpertflowSim;
use super::sim_chat::SimChat;

/// Who waits in the pull lists: name, number, channel, words.
const PEOPLE: [(&str, &str, &str, &str); 4] = [
    ("Ivo Placeholder", "+12025550191", "WEB", "Could you send me last year's invoices?"),
    ("Jule Beispiel", "+12025550192", "WHATSAPP", "Please change my address, I have moved."),
    ("Carla Sample", "+12025550106", "WEB", "I would like to have a quotation for ten desks."),
    ("Nils Sample", "+12025550117", "WHATSAPP", "Who can sign the return for me?"),
];

/// A request in one of the pull lists now and then.
pub(super) async fn requests(sim: &ExpertflowSim, pace: ExpertflowPace) {
    let lists: Vec<String> = sim.options().pull_lists.iter().map(|list| list.name.clone()).collect();
    for (list, (name, number, channel, words)) in lists.iter().cycle().zip(PEOPLE.iter().cycle()) {
        // In no queue: it does not count among the agent's chats.
        let offer = CustomerOffer::of(name, "").through(channel).number(number).saying(words);
        let Ok(chat) = sim.customer_waits_in(list, offer) else { return };
        tokio::spawn(async move { wait(&chat, pace).await });
        tokio::time::sleep(pace.pull).await;
    }
}

/// The customer waits, thanks for an answer and leaves.
async fn wait(chat: &SimChat, pace: ExpertflowPace) {
    if chat.expect_accepted(pace.patience).await.is_ok() {
        let mut seen = 0;
        if next_words(chat, &mut seen, pace.patience).await {
            tokio::time::sleep(pace.thinking).await;
            chat.customer_reads();
            if chat.customer_writes("Thank you!").is_ok() {
                tokio::time::sleep(pace.thinking * 3).await;
            }
        }
    }
    chat.customer_leaves();
    super::colleagues::forget_when_empty(chat, pace).await;
}

/// A supervisor's words to the teams, each in the place of the one before.
pub(super) async fn announcements(sim: &ExpertflowSim, pace: ExpertflowPace) {
    const TEXTS: [&str; 2] =
        ["Maintenance today at 18:00: please finish your chats before.", "The return period is 60 days from today on."];
    let Some(supervisor) = sim.options().agents.iter().find(|one| one.supervises.len() > 1 && one.queues.is_empty())
    else {
        return;
    };
    let teams: Vec<&str> = supervisor.supervises.iter().map(String::as_str).collect();
    tokio::time::sleep(pace.announcement).await;
    for text in TEXTS.iter().cycle() {
        let id = sim.announce(&supervisor.username, text, &teams);
        tokio::time::sleep(pace.announcement * 10).await;
        sim.withdraw_announcement(&id);
    }
}
