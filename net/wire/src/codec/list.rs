//! A sequence in chunks: what the protocol's arrays are decoded into and encoded from.
//!
//! Kept true: a chunk never takes more than [`REQUEST_ALLOC_BYTES_MAX`] bytes (except one handed in
//! as a `Vec` already made), and elements never move once they are in.

use std::fmt;
use std::ops::{Index, IndexMut};

use engine_base::limits::REQUEST_ALLOC_BYTES_MAX;

/// A list begins with a chunk of about this many bytes while it is decoded, and doubles from there.
const FIRST_STEP_BYTES: usize = 4096;

/// A growing sequence without large allocations. Make one with `collect`, `push` or from a `Vec`.
#[derive(Clone)]
pub struct List<T> {
    chunks: Chunks<T>,
}

/// Opaque bytes of a message; read them whole with [`List::to_vec`] or piecewise.
pub type Bytes = List<u8>;

#[derive(Clone)]
enum Chunks<T> {
    One(Vec<T>),
    // In a box, so that a list is three words long however many stand in a message.
    #[allow(clippy::box_collection)]
    Many(Box<Vec<Vec<T>>>),
}

impl<T> List<T> {
    /// An empty list; takes no memory yet.
    pub const fn new() -> List<T> {
        List { chunks: Chunks::One(Vec::new()) }
    }

    const CHUNK_MAX: usize = {
        let size = if size_of::<T>() == 0 { 1 } else { size_of::<T>() };
        let fit = REQUEST_ALLOC_BYTES_MAX / size;
        if fit == 0 { 1 } else { fit }
    };

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.chunks().iter().map(Vec::len).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.chunks().iter().all(Vec::is_empty)
    }

    /// The chunks in their order; some may be empty.
    pub fn chunks(&self) -> &[Vec<T>] {
        match &self.chunks {
            Chunks::One(one) => std::slice::from_ref(one),
            Chunks::Many(many) => many,
        }
    }

    fn chunks_mut(&mut self) -> &mut [Vec<T>] {
        match &mut self.chunks {
            Chunks::One(one) => std::slice::from_mut(one),
            Chunks::Many(many) => many,
        }
    }

    fn last(&mut self) -> &mut Vec<T> {
        match &mut self.chunks {
            Chunks::One(one) => one,
            Chunks::Many(many) => many.last_mut().expect("because a chunk is never taken away"),
        }
    }

    /// Adds `value` at the end.
    pub fn push(&mut self, value: T) {
        let last = self.last();
        if last.len() == last.capacity() {
            let wish = (last.capacity() * 2).max(4);
            if wish <= Self::CHUNK_MAX {
                last.reserve_exact(wish - last.len());
            } else {
                self.add_chunk(Self::CHUNK_MAX);
            }
        }
        self.last().push(value);
    }

    /// Elements that the next chunk is made for while decoding, given how many are `left`.
    pub(super) fn next_step(&mut self, left: usize) -> usize {
        let first = (FIRST_STEP_BYTES / size_of::<T>().max(1)).max(1);
        let doubled = (self.last().capacity() * 2).max(first);
        left.min(doubled).min(Self::CHUNK_MAX)
    }

    /// Whether the last chunk has no room left.
    pub(super) fn is_full(&mut self) -> bool {
        let last = self.last();
        last.len() == last.capacity()
    }

    /// Makes a new last chunk.
    pub(super) fn add_chunk(&mut self, capacity: usize) {
        let chunk = Vec::with_capacity(capacity);
        match &mut self.chunks {
            Chunks::One(one) if one.capacity() == 0 => *one = chunk,
            Chunks::One(one) => {
                let one = std::mem::take(one);
                self.chunks = Chunks::Many(Box::new(vec![one, chunk]));
            }
            Chunks::Many(many) => many.push(chunk),
        }
    }

    /// The elements in their order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.chunks().iter().flatten()
    }

    /// The elements in their order, to be changed.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.chunks_mut().iter_mut().flatten()
    }

    /// The element at `index`; costs a step for every chunk before it.
    pub fn get(&self, mut index: usize) -> Option<&T> {
        for chunk in self.chunks() {
            if index < chunk.len() {
                return Some(&chunk[index]);
            }
            index -= chunk.len();
        }
        None
    }

    /// The element at `index`, to be changed.
    pub fn get_mut(&mut self, mut index: usize) -> Option<&mut T> {
        for chunk in self.chunks_mut() {
            if index < chunk.len() {
                return Some(&mut chunk[index]);
            }
            index -= chunk.len();
        }
        None
    }

    /// The first element.
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// All in one piece of memory: not for the request path.
    pub fn into_vec(self) -> Vec<T> {
        match self.chunks {
            Chunks::One(one) => one,
            Chunks::Many(many) => many.into_iter().flatten().collect(),
        }
    }
}

impl<T: Clone> List<T> {
    /// A copy in one piece of memory: not for the request path.
    pub fn to_vec(&self) -> Vec<T> {
        self.chunks().concat()
    }

    /// Adds copies of `values` at the end.
    pub fn extend_from_slice(&mut self, mut values: &[T]) {
        while !values.is_empty() {
            if self.is_full() {
                let step = self.next_step(values.len());
                self.add_chunk(step);
            }
            let last = self.last();
            let (now, later) = values.split_at(values.len().min(last.capacity() - last.len()));
            last.extend_from_slice(now);
            values = later;
        }
    }
}

/// See [`List::iter`].
pub type Iter<'a, T> = std::iter::Flatten<std::slice::Iter<'a, Vec<T>>>;
/// See [`List::iter_mut`].
pub type IterMut<'a, T> = std::iter::Flatten<std::slice::IterMut<'a, Vec<T>>>;
/// The elements of a list that is given up.
pub type IntoIter<T> =
    std::iter::Chain<std::vec::IntoIter<T>, std::iter::Flatten<std::vec::IntoIter<Vec<T>>>>;

impl<T> Default for List<T> {
    fn default() -> List<T> {
        List::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &List<T>) -> bool {
        match (&self.chunks, &other.chunks) {
            (Chunks::One(one), Chunks::One(two)) => one == two,
            _ => self.len() == other.len() && self.iter().eq(other.iter()),
        }
    }
}

impl<T: Eq> Eq for List<T> {}

impl<T: PartialEq> PartialEq<[T]> for List<T> {
    fn eq(&self, other: &[T]) -> bool {
        self.len() == other.len() && self.iter().eq(other)
    }
}

impl<T> Index<usize> for List<T> {
    type Output = T;

    fn index(&self, index: usize) -> &T {
        self.get(index).expect("because an index is asked of a list that is longer")
    }
}

impl<T> IndexMut<usize> for List<T> {
    fn index_mut(&mut self, index: usize) -> &mut T {
        self.get_mut(index).expect("because an index is asked of a list that is longer")
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> List<T> {
        List { chunks: Chunks::One(values) }
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(values: [T; N]) -> List<T> {
        values.into_iter().collect()
    }
}

impl<T: Clone> From<&[T]> for List<T> {
    fn from(values: &[T]) -> List<T> {
        let mut list = List::new();
        list.extend_from_slice(values);
        list
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> List<T> {
        let mut list = List::new();
        list.extend(values);
        list
    }
}

impl<T> Extend<T> for List<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        let values = values.into_iter();
        if self.is_full() {
            let (sure, _) = values.size_hint();
            self.add_chunk(sure.min(Self::CHUNK_MAX));
        }
        for value in values {
            self.push(value);
        }
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T>;

    fn into_iter(self) -> IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        let (one, many) = match self.chunks {
            Chunks::One(one) => (one, Vec::new()),
            Chunks::Many(many) => (Vec::new(), *many),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}

#[cfg(test)]
#[path = "list_test.rs"]
mod list_test;
