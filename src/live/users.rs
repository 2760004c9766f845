//! Counts the users of what tabs have in common. A use ends where it is dropped.

use std::{cell::Cell, rc::Rc};

/// How many uses there are of one thing; and how many such things are in use at all.
#[derive(Debug)]
pub(super) struct Users {
    count: Rc<Cell<usize>>,
    in_use: Rc<Cell<usize>>,
}

/// One use.
#[derive(Debug)]
pub(super) struct Use(Users);

impl Users {
    /// No users yet, of a thing that counts in `in_use` once it has one.
    pub(super) fn none(in_use: &Rc<Cell<usize>>) -> Self {
        Self { count: Rc::default(), in_use: Rc::clone(in_use) }
    }

    /// Begins a use.
    pub(super) fn add(&self) -> Use {
        if self.are_none() {
            self.in_use.set(self.in_use.get() + 1);
        }
        self.count.set(self.count.get() + 1);
        Use(Self { count: Rc::clone(&self.count), in_use: Rc::clone(&self.in_use) })
    }

    pub(super) fn are_none(&self) -> bool {
        self.count.get() == 0
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let Users { count, in_use } = &self.0;
        count.set(count.get() - 1);
        if count.get() == 0 {
            in_use.set(in_use.get() - 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_in_use_until_its_last_use_ends() {
        let in_use = Rc::default();
        let [one, other] = [(), ()].map(|()| Users::none(&in_use));
        let uses = [one.add(), one.add(), other.add()];
        assert_eq!(in_use.get(), 2);
        let [first, second, third] = uses;
        drop((first, third));
        assert!(!one.are_none() && other.are_none());
        assert_eq!(in_use.get(), 1);
        drop(second);
        assert_eq!(in_use.get(), 0);
    }
}
