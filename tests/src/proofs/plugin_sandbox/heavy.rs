//! Floods, loops and bombs, with the pointer clicking in the panel all the while.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::delay::Clicks;
use super::{PANEL, Play, Witness, now};

/// For a page to be ended, or to have tired.
const LONG: Duration = Duration::from_secs(60);

impl Play {
    /// All of them.
    pub(super) async fn heavy(&mut self) -> Result<()> {
        self.flood().await?;
        self.large().await?;
        self.workers().await?;
        self.loop_when_seen().await?;
        self.flood_and_loop().await?;
        self.crashed_card().await?;
        for (name, tried, cause) in [
            ("memory-at-once", "filling memory in one piece", "too much memory"),
            ("memory-by-and-by", "filling memory by and by", "too much memory"),
            ("leave-its-place", "leading the page around its frame elsewhere", "left its place"),
        ] {
            self.ends(name, tried, cause).await?;
        }
        self.witness_is_well("after the heavy ones").await
    }

    async fn dropped(&self, id: &str) -> Result<u64> {
        Ok(self.plugin(id).await?["dropped"].as_u64().unwrap_or_default())
    }

    /// 10,000 messages a second.
    async fn flood(&mut self) -> Result<()> {
        let (before, began) = (self.dropped("hostile-a").await?, now());
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let came = self.ground.ask("hostile-a", "flood", LONG).await;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("during 10,000 messages a second", &delays);
        let rate = self.ground.expect("hostile-a", "flooded", "", LONG).await.unwrap_or_default();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let dropped = self.dropped("hostile-a").await? - before;
        let lines = self.log("hostile-a").await?;
        let heard = lines
            .iter()
            .filter(|line| line["at"].as_u64().is_some_and(|at| u128::from(at) >= began))
            .filter(|line| line["text"].as_str().is_some_and(|text| text.contains("set_title_tag: done")))
            .count();
        // 40 at once, then 20 a second, for the 12 s and for what was on its way.
        let failed = came.is_ok() && dropped > 50_000 && heard <= 40 + 20 * 20;
        let told = format!("{rate} messages a second sent, {dropped} dropped, {heard} heard");
        self.row("hostile-a: 10,000 messages a second for 12 s".to_owned(), told, failed);
        Ok(())
    }

    async fn large(&mut self) -> Result<()> {
        let began = now();
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let came = self.ground.ask("hostile-a", "large-payloads", LONG).await;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("during payloads of 50 MB", &delays);
        let told = self.wait_log("hostile-a", "too large were dropped", began).await;
        let title = self.plugin("hostile-a").await?["title"].as_str().map_or(0, str::len);
        let failed = came.is_ok() && told.is_ok() && title <= 64;
        let told = told.unwrap_or_else(|error| format!("{error:#}"));
        self.row("hostile-a: payloads of 50 MB, and one of a byte too many".to_owned(), told, failed);
        Ok(())
    }

    async fn workers(&mut self) -> Result<()> {
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let came = self.ground.ask("hostile-a", "workers-loop", LONG).await;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("while two workers of a plugin never end", &delays);
        self.witness_is_well("beside them").await?;
        self.stage.rpc("plugin_reload", json!({ "plugin": "hostile-a" })).await?;
        let again = self.runs_again("hostile-a").await;
        let told = format!("{}; loaded again: {}", came.as_deref().unwrap_or("no word"), again.is_ok());
        self.row("hostile-a: two workers that never end".to_owned(), told, came.is_ok() && again.is_ok());
        Ok(())
    }

    /// Looping the moment it is seen.
    async fn loop_when_seen(&mut self) -> Result<()> {
        self.choose("witness").await?;
        let armed = self.ground.ask("hostile-b", "loop-when-seen", LONG).await.unwrap_or_default();
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        self.choose("hostile-b").await?;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("while a plugin loops for 4 s the moment it is seen", &delays);
        let came = self.ground.expect("hostile-b", "seen", "looped", LONG).await;
        let failed = armed == "got hidden" && came.is_ok();
        self.row("hostile-b: looping the moment it is seen".to_owned(), came.unwrap_or(armed), failed);
        Ok(())
    }

    async fn choose(&mut self, id: &str) -> Result<()> {
        let chosen = self.stage.click_at(&format!("[data-testid='plugin-tab'][data-plugin='{id}']")).await;
        self.checks.require(chosen, &format!("the tab of {id} is chosen in the panel"))
    }

    /// The page has begun anew, and takes orders.
    async fn runs_again(&self, id: &str) -> Result<()> {
        // It is "running" until the order to load it again has been heard.
        tokio::time::sleep(Duration::from_millis(600)).await;
        self.wait_state(id, "running").await.map(drop)
    }

    /// The worst of it, and a call is taken meanwhile.
    async fn flood_and_loop(&mut self) -> Result<()> {
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let looping = self.ground.order("hostile-b", "loop");
        self.ground.begun(looping, LONG).await?;
        let flooding = self.ground.order("hostile-a", "flood");
        self.ground.begun(flooding, LONG).await?;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("during flood and endless loop together", &delays);
        let frozen = self.wait_state("hostile-b", "frozen").await.map(drop);
        self.checks.require(frozen, "the looping one is said not to respond")?;
        self.checks.step("one plugin floods, another loops: a call comes");
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let call = self.take_call("Ben Sample", Witness::Listens).await?;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays("while a call is taken during both", &delays);
        let crashed = self.wait_state("hostile-b", "crashed").await;
        let failed = crashed.is_ok();
        let told = crashed.map_or_else(|error| format!("{error:#}"), |state| format!("ended: {}", state["cause"]));
        let flooded = self.ground.came(flooding, LONG).await;
        self.row("hostile-b: an endless loop, while hostile-a floods".to_owned(), told, failed && flooded.is_ok());
        self.witness_is_well("beside flood and loop").await?;
        self.end_call(&call).await
    }

    /// The agent sees what became of it, and loads it again.
    async fn crashed_card(&mut self) -> Result<()> {
        self.choose("hostile-b").await?;
        let shown = self.stage.wait_words("[data-testid='plugin-trouble']", "This plugin has stopped").await;
        self.checks.require(shown, "its card says that it has stopped")?;
        self.stage.picture("crashed");
        let named = self.stage.wait_words("[data-testid='plugin-again']", "Load again").await;
        self.checks.require(named, "and offers to load it again")?;
        self.stage.click("plugin-again").await?;
        let again = self.runs_again("hostile-b").await;
        self.checks.require(again, "which works")?;
        self.stage.picture("loaded-again");
        Ok(())
    }

    /// An attack that costs the page its process.
    async fn ends(&mut self, name: &str, tried: &str, cause: &str) -> Result<()> {
        let clicks = Clicks::start(&self.stage, PANEL).await?;
        let order = self.ground.order("hostile-a", name);
        let begun = self.ground.begun(order, LONG).await;
        let state = self.wait_state("hostile-a", "crashed").await;
        let delays = clicks.stop(&self.stage).await?;
        self.note_delays(&format!("meanwhile: {tried}"), &delays);
        let told = state.map_or_else(|error| format!("{error:#}"), |state| state["cause"].to_string());
        let failed = begun.is_ok() && told.contains(cause);
        self.row(format!("hostile-a: {tried}"), told, failed);
        self.stage.rpc("plugin_reload", json!({ "plugin": "hostile-a" })).await?;
        let again = self.wait_state("hostile-a", "running").await.map(drop);
        self.checks.require(again, "it can be loaded again")
    }
}
