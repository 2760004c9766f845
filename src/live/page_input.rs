//! The messages of one page: parsed and bounded on the thread of its connection, so that no
//! page fills the inbox.

use std::sync::Arc;

use super::{PARTS_OF_BUDGET, inbox::TabEvent, message::PageMessage, script::is_own};
use crate::budget::{Budget, Share};

/// The most that is read of what a page sends over one connection.
const MAX_INPUT_BYTES: usize = 4 << 20;
/// The most files of one page that are followed.
pub(super) const MAX_LOADED: usize = 1024;
/// What the names of all files that open pages have loaded may take, in bytes, each name
/// with what is kept beside it.
const MAX_NAMES_BYTES: usize = 8 << 20;
const BESIDE_NAME_BYTES: usize = 64;
/// The most of a message that cannot be read that is logged.
const UNREADABLE_CHARS: usize = 80;

/// The memory for the names of files, which all pages share.
pub(super) fn budget_of_names() -> Arc<Budget> {
    Budget::new(MAX_NAMES_BYTES)
}

/// What a page has sent, as far as it bounds what the page may still send.
#[derive(Debug)]
pub(super) struct PageInput {
    bytes: usize,
    has_said_hello: bool,
    /// Whether it has sent what cannot be read, which is logged once.
    was_unreadable: bool,
    /// How many names it has sent.
    names: usize,
    /// `None` once it has sent too much.
    share: Option<Share>,
}

impl PageInput {
    /// A page that has sent nothing yet.
    pub(super) fn new(budget: &Arc<Budget>) -> Self {
        let share = budget.take(0);
        Self { bytes: 0, has_said_hello: false, was_unreadable: false, names: 0, share }
    }

    /// The events of a text: the first hello, and then names, as long as they fit.
    pub(super) fn events(&mut self, text: &str) -> Vec<TabEvent> {
        if self.share.is_none() {
            return Vec::new();
        }
        self.bytes += text.len();
        if self.bytes > MAX_INPUT_BYTES {
            return self.end_with_too_much().into_iter().collect();
        }
        match PageMessage::parse(text) {
            Some(PageMessage::Hello(hello)) if !self.has_said_hello && is_target(&hello.page) => {
                self.has_said_hello = true;
                vec![TabEvent::Hello(Box::new(hello))]
            }
            Some(PageMessage::Loaded { resources }) if self.has_said_hello => {
                let of_page = resources.into_iter().filter(|target| is_of_page(target));
                let events = of_page.map(|target| TabEvent::Loaded(target.into()));
                events.map_while(|event| self.with_room(event)).collect()
            }
            Some(PageMessage::Address { address })
                if self.has_said_hello && is_target(&address) =>
            {
                self.with_room(TabEvent::Address(address.into())).into_iter().collect()
            }
            Some(PageMessage::ShutIn { shut_in })
                if self.has_said_hello && (shut_in.is_empty() || is_of_page(&shut_in)) =>
            {
                self.with_room(TabEvent::ShutIn(shut_in.into())).into_iter().collect()
            }
            None if !self.was_unreadable => {
                self.was_unreadable = true;
                vec![TabEvent::Unreadable(text.chars().take(UNREADABLE_CHARS).collect())]
            }
            _ => Vec::new(),
        }
    }

    /// The event, which holds one name, or that of the first for which there is no room.
    fn with_room(&mut self, event: TabEvent) -> Option<TabEvent> {
        let (TabEvent::Loaded(name) | TabEvent::Address(name) | TabEvent::ShutIn(name)) = &event
        else {
            return Some(event);
        };
        let share = self.share.as_mut()?;
        self.names += 1;
        if self.names > MAX_LOADED
            || !share.grow_part(name.len() + BESIDE_NAME_BYTES, PARTS_OF_BUDGET)
        {
            return self.end_with_too_much();
        }
        Some(event)
    }

    /// The last event, after which all else is ignored. Gives back the memory for names.
    fn end_with_too_much(&mut self) -> Option<TabEvent> {
        self.share = None;
        self.has_said_hello.then_some(TabEvent::LoadedTooMuch)
    }
}

/// Whether a target may be a part of a page.
fn is_of_page(target: &str) -> bool {
    is_target(target) && !is_own(target)
}

/// Whether it can be the target of a request.
fn is_target(text: &str) -> bool {
    text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The events of some texts.
    fn events(texts: &[Value], budget: &Arc<Budget>) -> (Vec<TabEvent>, PageInput) {
        let mut input = PageInput::new(budget);
        let events = texts.iter().flat_map(|text| input.events(&text.to_string())).collect();
        (events, input)
    }

    #[test]
    fn a_page_says_no_more_than_is_followed() {
        let hello = json!({ "page": "/", "version": "v" });
        let names = |from: usize, to: usize| {
            let names: Vec<String> = (from..to).map(|n| format!("/{n}")).collect();
            json!({ "resources": names })
        };
        let budget = budget_of_names();
        let is_too_much = |events: &[TabEvent]| {
            let is_end = |event: &&TabEvent| matches!(event, TabEvent::LoadedTooMuch);
            let count = events.iter().filter(is_end).count();
            assert!(count <= 1 && events.len() <= MAX_LOADED + 2);
            count == 1
        };
        let one_too_many = [hello.clone(), names(0, MAX_LOADED), names(0, 9), names(9, 99)];
        assert!(!is_too_much(&events(&one_too_many[..2], &budget).0));
        assert!(is_too_much(&events(&one_too_many, &budget).0));
        // Names before a hello belong to no page, and texts beyond the limit count as none.
        assert!(events(&[names(0, 10)], &budget).0.is_empty());
        let long = "x".repeat(15_000);
        let chatter = vec![json!({ "resources": [long] }); 300];
        assert!(is_too_much(&events(&[&[hello.clone()][..], &chatter].concat(), &budget).0));
        assert!(events(&chatter, &budget).0.is_empty());
        // All pages together have a bound, which comes back with each that closes.
        let long_names = |n| json!({ "resources": [format!("/{n}{}", "x".repeat(10_000))] });
        let texts: Vec<Value> =
            std::iter::once(hello.clone()).chain((0..300).map(long_names)).collect();
        assert!(is_too_much(&events(&texts, &budget).0));
        // One takes a part of what the others leave, and the next one finds room.
        let most = &texts[..90];
        let mut pages = Vec::new();
        loop {
            let (events, input) = events(most, &budget);
            if is_too_much(&events) {
                break;
            }
            pages.push(input);
            assert!(pages.len() < 9);
        }
        assert!(!pages.is_empty() && !is_too_much(&events(&texts[..40], &budget).0));
        drop(pages);
        assert!(!is_too_much(&events(most, &budget).0));
    }
}
