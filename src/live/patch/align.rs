//! Pairs the children of a node with those of its next version.

use std::collections::HashMap;

use crate::html::node::{Attribute, Element, NodeId, NodeKind};

use super::{digest::DigestTree, made};

/// The most pairs that are compared closely; in longer lists nodes pair up by their order.
const MAX_CLOSE_PAIRS: usize = 40_000;
/// How far down children are compared to tell how much two elements have in common.
const LIKENESS_DEPTH: usize = 3;
/// The most children that are compared for it.
const LIKENESS_CHILDREN: usize = 8;

/// Two lists of children, and the pairs found so far.
pub(super) struct Alignment<'a> {
    old_tree: &'a DigestTree,
    new_tree: &'a DigestTree,
    old: &'a [NodeId],
    new: &'a [NodeId],
    pairs: Vec<(usize, usize)>,
}

/// A part of both lists.
#[derive(Clone, Copy)]
struct Gap {
    old: (usize, usize),
    new: (usize, usize),
}

impl<'a> Alignment<'a> {
    /// Pairs children of `old` with those of `new` that are equal to them or can be
    /// made so, both in rising order. Gives their places in the two lists.
    pub(super) fn pairs(
        (old_tree, old): (&'a DigestTree, &'a [NodeId]),
        (new_tree, new): (&'a DigestTree, &'a [NodeId]),
    ) -> Vec<(usize, usize)> {
        let mut alignment = Self { old_tree, new_tree, old, new, pairs: Vec::new() };
        let whole = Gap { old: (0, old.len()), new: (0, new.len()) };
        let middle = alignment.pair_equal_ends(whole);
        for gap in alignment.pair_anchors(middle) {
            let middle = alignment.pair_equal_ends(gap);
            alignment.pair_alike(middle);
        }
        alignment.pairs.sort_unstable();
        alignment.pairs
    }

    fn are_equal(&self, old: usize, new: usize) -> bool {
        self.old_hash(old) == self.new_hash(new)
    }

    fn old_hash(&self, idx: usize) -> u64 {
        self.old_tree.hash(self.old[idx])
    }

    fn new_hash(&self, idx: usize) -> u64 {
        self.new_tree.hash(self.new[idx])
    }

    /// Pairs what is equal from the start on and from the end back, and gives the
    /// rest: after most edits one element, or none on one side.
    fn pair_equal_ends(&mut self, gap: Gap) -> Gap {
        let Gap { old: (mut old, mut old_end), new: (mut new, mut new_end) } = gap;
        while old < old_end && new < new_end && self.are_equal(old, new) {
            self.pairs.push((old, new));
            (old, new) = (old + 1, new + 1);
        }
        while old < old_end && new < new_end && self.are_equal(old_end - 1, new_end - 1) {
            (old_end, new_end) = (old_end - 1, new_end - 1);
            self.pairs.push((old_end, new_end));
        }
        Gap { old: (old, old_end), new: (new, new_end) }
    }

    /// Pairs what is there once on either side and equal, as far as its order is
    /// kept, and gives the gaps between.
    fn pair_anchors(&mut self, gap: Gap) -> Vec<Gap> {
        let mut places: HashMap<u64, [Vec<usize>; 2]> = HashMap::new();
        for old in gap.old.0..gap.old.1 {
            places.entry(self.old_hash(old)).or_default()[0].push(old);
        }
        for new in gap.new.0..gap.new.1 {
            places.entry(self.new_hash(new)).or_default()[1].push(new);
        }
        let mut unique: Vec<(usize, usize)> = places
            .into_values()
            .filter_map(|[old, new]| match (&old[..], &new[..]) {
                ([old], [new]) => Some((*old, *new)),
                _ => None,
            })
            .collect();
        unique.sort_unstable();
        let anchors = longest_rising(&unique);
        self.pairs.extend(&anchors);
        gaps_between(gap, &anchors)
    }

    /// Pairs what is not equal but can be made so, such that as much as possible of
    /// it is alike.
    fn pair_alike(&mut self, gap: Gap) {
        let (old_len, new_len) = (gap.old.1 - gap.old.0, gap.new.1 - gap.new.0);
        if old_len.saturating_mul(new_len) > MAX_CLOSE_PAIRS {
            self.pair_in_order(gap);
            return;
        }
        let likeness = |old: usize, new: usize| {
            self.likeness(self.old[gap.old.0 + old], self.new[gap.new.0 + new], LIKENESS_DEPTH)
        };
        let pairs = best_pairs(old_len, new_len, likeness);
        let in_lists = |(old, new): (usize, usize)| (gap.old.0 + old, gap.new.0 + new);
        self.pairs.extend(pairs.into_iter().map(in_lists));
    }

    fn pair_in_order(&mut self, gap: Gap) {
        let mut new = gap.new.0;
        for old in gap.old.0..gap.old.1 {
            let can_become = |new: &usize| self.likeness(self.old[old], self.new[*new], 0) > 0;
            // No further ahead than a node of white space between the elements.
            if let Some(found) = (new..gap.new.1).take(2).find(can_become) {
                self.pairs.push((old, found));
                new = found + 1;
            }
        }
    }

    /// How much two nodes have in common; 0 where one cannot become the other.
    fn likeness(&self, old: NodeId, new: NodeId, depth: usize) -> u32 {
        if self.old_tree.hash(old) == self.new_tree.hash(new) {
            return 64;
        }
        let (old, new) = (self.old_tree.node(old), self.new_tree.node(new));
        match (&old.kind, &new.kind) {
            (NodeKind::Text(old), NodeKind::Text(new))
            | (NodeKind::Comment(old), NodeKind::Comment(new)) => 1 + text_likeness(old, new),
            (NodeKind::Element(old_element), NodeKind::Element(new_element)) => {
                let have_equal_children = || {
                    let hashes = |tree: &DigestTree, ids: &[NodeId]| {
                        ids.iter().map(|id| tree.hash(*id)).collect::<Vec<_>>()
                    };
                    hashes(self.old_tree, &old.children) == hashes(self.new_tree, &new.children)
                };
                let is_made_whole = made::MADE_WHOLE.contains(&&*old_element.name.local);
                if !can_become(old_element, new_element) || is_made_whole && !have_equal_children()
                {
                    return 0;
                }
                match (old_element.id(), new_element.id()) {
                    (old_id, new_id) if old_id != new_id => 1,
                    (id, _) => {
                        let same_id = if id.is_empty() { 0 } else { 32 };
                        let same_attributes = old_element.attributes == new_element.attributes;
                        let content = self.content_likeness(&old.children, &new.children, depth);
                        2 + same_id + if same_attributes { 4 } else { 0 } + content
                    }
                }
            }
            (NodeKind::Document, NodeKind::Document) => 1,
            _ => 0,
        }
    }

    fn content_likeness(&self, old: &[NodeId], new: &[NodeId], depth: usize) -> u32 {
        if depth == 0 {
            return 0;
        }
        let old = old.iter().filter(|id| !is_blank(self.old_tree, **id));
        let new = new.iter().filter(|id| !is_blank(self.new_tree, **id));
        let pairs = old.zip(new).take(LIKENESS_CHILDREN);
        pairs.map(|(old, new)| self.likeness(*old, *new, depth - 1).min(8)).sum::<u32>().min(24)
    }
}

/// Whether operations on attributes and children can make one of the other.
fn can_become(old: &Element, new: &Element) -> bool {
    let can_be_set = |(name, attribute): (&String, &Attribute)| {
        old.attributes.get(name).is_some_and(|old| old.namespace == attribute.namespace)
            || attribute.namespace.is_empty() && is_plain(name)
    };
    // What a link leads to must come in together with its description.
    let is_one_step = &*old.name.local != "link" || differences(old, new) <= 1;
    old.name == new.name
        && is_one_step
        && !made::is_made_anew(old, new)
        && old.attribute("is") == new.attribute("is")
        && new.attributes.iter().all(can_be_set)
}

/// How many attributes the two do not have in common.
fn differences(old: &Element, new: &Element) -> usize {
    let differs = |(name, old): &(&String, &Attribute)| new.attributes.get(*name) != Some(*old);
    let is_new = |name: &&String| !old.attributes.contains_key(*name);
    old.attributes.iter().filter(differs).count() + new.attributes.keys().filter(is_new).count()
}

/// Whether scripts can set an attribute of that name. The parser takes more names.
fn is_plain(name: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
    name.starts_with(is_start) && name.chars().all(is_part)
}

fn is_blank(tree: &DigestTree, id: NodeId) -> bool {
    matches!(&tree.node(id).kind, NodeKind::Text(data) if data.trim_ascii().is_empty())
}

/// How much of the longer text is at either end of both, in eighths.
fn text_likeness(old: &str, new: &str) -> u32 {
    let (old, new) = (old.trim_ascii().as_bytes(), new.trim_ascii().as_bytes());
    let is_equal = |(old, new): &(&u8, &u8)| old == new;
    let prefix = old.iter().zip(new).take_while(is_equal).count();
    let rest = old[prefix..].iter().rev().zip(new[prefix..].iter().rev());
    let suffix = rest.take_while(is_equal).count();
    let shared = 8 * (prefix + suffix) / old.len().max(new.len()).max(1);
    u32::try_from(shared).unwrap_or_default()
}

/// The longest selection of `pairs`, which rise in their first part, that rises in
/// its second part too.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The last pair of the best selection of each length, and what precedes each pair.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; pairs.len()];
    for (idx, pair) in pairs.iter().enumerate() {
        let len = ends.partition_point(|end| pairs[*end].1 < pair.1);
        previous[idx] = len.checked_sub(1).map(|shorter| ends[shorter]);
        ends.truncate(ends.len().max(len));
        match ends.get_mut(len) {
            Some(end) => *end = idx,
            None => ends.push(idx),
        }
    }
    let selection = std::iter::successors(ends.last().copied(), |idx| previous[*idx]);
    let mut rising: Vec<_> = selection.map(|idx| pairs[idx]).collect();
    rising.reverse();
    rising
}

fn gaps_between(whole: Gap, anchors: &[(usize, usize)]) -> Vec<Gap> {
    let mut start = (whole.old.0, whole.new.0);
    let mut gaps = Vec::new();
    for end in anchors.iter().copied().chain([(whole.old.1, whole.new.1)]) {
        gaps.push(Gap { old: (start.0, end.0), new: (start.1, end.1) });
        start = (end.0 + 1, end.1 + 1);
    }
    gaps
}

/// The rising pairs whose likenesses add up to the most.
fn best_pairs(
    old_len: usize,
    new_len: usize,
    likeness: impl Fn(usize, usize) -> u32,
) -> Vec<(usize, usize)> {
    // What the best pairs of old.. and new.. add up to; the pair that begins them.
    let mut best = vec![vec![(0, false); new_len + 1]; old_len + 1];
    for old in (0..old_len).rev() {
        for new in (0..new_len).rev() {
            let alike = likeness(old, new);
            let paired = alike + best[old + 1][new + 1].0;
            let unpaired = best[old + 1][new].0.max(best[old][new + 1].0);
            best[old][new] = (paired.max(unpaired), alike > 0 && paired >= unpaired);
        }
    }
    let (mut old, mut new) = (0, 0);
    let mut pairs = Vec::new();
    while old < old_len && new < new_len {
        if best[old][new].1 {
            pairs.push((old, new));
            (old, new) = (old + 1, new + 1);
        } else if best[old + 1][new].0 >= best[old][new + 1].0 {
            old += 1;
        } else {
            new += 1;
        }
    }
    pairs
}
