//! The endless friendly scenario of demo mode.

use std::collections::BTreeMap;
use std::time::Duration;

use super::chat_demo::chats;
use super::directory::QuickConnect;
use super::error::SimError;
use super::handle::AmazonConnectSim;
use super::options::{AgentOptions, OfferCall, OutboundAnswer, OutboundBehaviour, SimOptions, Speech, SpeechStart};
use super::sim_call::SimCall;

/// How fast the demo goes.
#[derive(Clone, Copy, Debug)]
pub struct DemoPace {
    /// From the agent's first poll to the first call.
    pub first_call: Duration,
    /// From "agent is Available again" to the next call.
    pub next_call: Duration,
    /// How long a customer who hangs up by themselves stays.
    pub patience: Duration,
    /// From the end of the first call to the first chat.
    pub first_chat: Duration,
    /// From the end of a chat to the next.
    pub next_chat: Duration,
    /// How long a chatting customer thinks and types.
    pub thinking: Duration,
}

impl Default for DemoPace {
    fn default() -> Self {
        Self {
            first_call: Duration::from_secs(5),
            next_call: Duration::from_secs(12),
            patience: Duration::from_secs(45),
            first_chat: Duration::from_secs(4),
            next_chat: Duration::from_secs(50),
            thinking: Duration::from_secs(2),
        }
    }
}

/// Options for demo mode: one agent, signed in as Available, a colleague whom
/// the simulator plays, and a directory of people to call and transfer to.
#[must_use]
pub fn demo_options() -> SimOptions {
    let colleague = AgentOptions { played: Some(answers(2, 3)), ..AgentOptions::named("agent.two", "Sofia Sample") };
    SimOptions {
        ring: Duration::from_secs(30),
        agents: vec![AgentOptions::one(), colleague],
        directory: demo_directory(),
        multi_party: true,
        ring_back: true,
        ..SimOptions::default()
    }
}

/// Answers after so many seconds and says that sentence.
fn answers(seconds: u64, sentence: usize) -> OutboundBehaviour {
    OutboundBehaviour {
        answer: OutboundAnswer::After(Duration::from_secs(seconds)),
        speech: Speech::repeated_sentence(sentence),
    }
}

/// People who pick up, one whose line is always busy, one who never answers, a
/// colleague and a queue. Any other number is answered after a second.
fn demo_directory() -> Vec<QuickConnect> {
    let person = |name: &str, number: &str, behaviour: OutboundBehaviour| {
        QuickConnect::phone(name, number).answering(behaviour.answer, behaviour.speech)
    };
    let silent = |answer| OutboundBehaviour { answer, speech: Speech::Silent };
    let busy = silent(OutboundAnswer::Busy(Duration::from_secs(2)));
    let nobody = silent(OutboundAnswer::Fails(Duration::from_secs(20)));
    vec![
        QuickConnect::agent("Sofia Sample", "agent.two"),
        person("Priya Placeholder, Billing", "+12025550171", answers(3, 2)),
        person("Marco Muster, Shipping", "+12025550172", answers(5, 4)),
        person("Lena Beispiel, Technical support", "+442079460971", answers(2, 1)),
        person("Tom Template, Returns", "+12025550173", busy),
        person("Yuki Example, Night desk", "+442079460972", nobody),
        QuickConnect::queue("Support queue", "Support"),
    ]
}

struct Customer {
    name: &'static str,
    number: &'static str,
    queue: &'static str,
    attributes: &'static [(&'static str, &'static str)],
    sentence: usize,
    hangs_up: bool,
}

const CUSTOMERS: [Customer; 5] = [
    Customer {
        name: "Ana Example",
        number: "+12025550123",
        queue: "Sales",
        attributes: &[("tier", "gold"), ("orderNumber", "A-10442"), ("language", "en")],
        sentence: 0,
        hangs_up: false,
    },
    Customer {
        name: "Ben Sample",
        number: "+442079460958",
        queue: "Support",
        attributes: &[("product", "Home internet"), ("lastTicket", "T-2207")],
        sentence: 1,
        hangs_up: true,
    },
    Customer {
        name: "Chidi Specimen",
        number: "+12025550145",
        queue: "Billing",
        attributes: &[("tier", "silver"), ("invoice", "2026-11"), ("balance", "84.20")],
        sentence: 2,
        hangs_up: false,
    },
    Customer {
        name: "Dora Placeholder",
        number: "+12025550167",
        queue: "Appointments",
        attributes: &[("appointment", "Tuesday 10:30"), ("visits", "4")],
        sentence: 3,
        hangs_up: false,
    },
    Customer {
        name: "Ewan Instance",
        number: "+441632960961",
        queue: "Sales",
        attributes: &[("policy", "P-99310"), ("campaign", "autumn")],
        sentence: 4,
        hangs_up: true,
    },
];

/// Offers calls to the first agent for ever: the first one shortly after the
/// agent's first poll, each next one a while after the agent is Available
/// again; and now and then a chat, once the first call is over. Ends when the
/// simulator ends; meant for `tokio::spawn`, aborted at will.
pub async fn demo(sim: &AmazonConnectSim, pace: DemoPace) {
    let Some(login) = sim.options().agents.first().map(|a| a.login.clone()) else {
        return;
    };
    tokio::join!(calls(sim, &login, pace), chats(sim, &login, pace));
}

async fn calls(sim: &AmazonConnectSim, login: &str, pace: DemoPace) {
    let agent = sim.agent(login);
    while agent.expect_polled(Duration::from_secs(3600)).await.is_err() {}
    let mut wait = pace.first_call;
    for n in 0.. {
        let customer = &CUSTOMERS[n % CUSTOMERS.len()];
        let call = loop {
            tokio::time::sleep(wait).await;
            match sim.offer_call(offer(login, customer)).await {
                Ok(call) => break call,
                // Not routable: wait until the agent is.
                Err(SimError::NotPossible(_)) => {
                    let _ = agent.expect_state("Available", Duration::from_secs(60)).await;
                    wait = pace.next_call;
                }
                Err(error) => {
                    tracing::warn!(%error, "the demo ends");
                    return;
                }
            }
        };
        tracing::info!(number = n + 1, queue = customer.queue, "the demo offers a call");
        run(&call, customer, pace).await;
        let back = || agent.expect_state("Available", Duration::from_secs(3600));
        while back().await.is_err() {}
        wait = pace.next_call;
    }
}

fn offer(login: &str, customer: &Customer) -> OfferCall {
    let attributes: BTreeMap<String, String> =
        customer.attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    OfferCall {
        agent: login.to_owned(),
        customer_number: customer.number.to_owned(),
        customer_name: customer.name.to_owned(),
        queue: customer.queue.to_owned(),
        attributes,
        speech: Speech::repeated_sentence(customer.sentence),
        speech_start: SpeechStart::AfterAccept(Duration::from_millis(400)),
        ..OfferCall::default()
    }
}

/// Until the call is over, or the patient customer has said enough.
async fn run(call: &SimCall, customer: &Customer, pace: DemoPace) {
    let settled = |f: &super::CallFacts| {
        (f.ended.is_some() || f.rejected.is_some() || f.missed.is_some() || f.abandoned.is_some()).then_some(())
    };
    let day = Duration::from_secs(86_400);
    let accepted = call
        .expect("an answer", day, |f| settled(f).map(|()| false).or(f.accepted.map(|_| true)))
        .await
        .unwrap_or(false);
    if !accepted {
        return;
    }
    let limit = if customer.hangs_up { pace.patience } else { day };
    if call.expect("the end", limit, settled).await.is_err() {
        // It may have ended in this very moment.
        let _ = call.customer_hangs_up().await;
    }
}
