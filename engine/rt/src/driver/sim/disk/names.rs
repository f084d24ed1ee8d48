//! Names: directories and what they call their files.
//!
//! Kept true: a change is atomic (a rename moves the name or does not) and belongs to the
//! directories of the paths it changes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::finish::Answer;
use super::{State, errno};
use crate::disk::{DirEntry, DiskSpace};
use crate::op::{NameCall, Value};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    File(u64),
    Dir,
}

/// A path is a file or a directory from now on, or nothing.
#[derive(Clone)]
pub(super) struct NameChange {
    pub(super) path: PathBuf,
    pub(super) node: Option<Node>,
}

pub(super) fn apply(names: &mut BTreeMap<PathBuf, Node>, changes: &[NameChange]) {
    for change in changes {
        match &change.node {
            Some(node) => names.insert(change.path.clone(), node.clone()),
            None => names.remove(&change.path),
        };
    }
}

/// Takes out what has no directory to be in.
pub(super) fn drop_lost(names: &mut BTreeMap<PathBuf, Node>) {
    let mut kept: BTreeMap<PathBuf, Node> = BTreeMap::new();
    for (path, node) in std::mem::take(names) {
        let parent = path.parent().map(|parent| kept.get(parent));
        if matches!(parent, None | Some(Some(Node::Dir))) {
            kept.insert(path, node);
        }
    }
    *names = kept;
}

impl State {
    pub(super) fn is_dir(&self, path: &Path) -> bool {
        matches!(self.names.get(path), Some(Node::Dir))
    }

    fn parent_exists(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(parent) if self.is_dir(parent) => Ok(()),
            _ => errno(libc::ENOENT),
        }
    }

    /// Makes changes of names, unflushed.
    pub(super) fn change_names(&mut self, number: u64, changes: Vec<NameChange>) {
        apply(&mut self.names, &changes);
        if !changes.is_empty() {
            self.unflushed_names.push(number, changes, false);
        }
    }

    /// A new, empty file.
    pub(super) fn create(&mut self, number: u64, path: &Path) -> io::Result<u64> {
        self.parent_exists(path)?;
        let file = self.new_content();
        let node = Some(Node::File(file));
        self.change_names(number, vec![NameChange { path: path.to_owned(), node }]);
        Ok(file)
    }

    /// A file has lost its name: its pages count no more.
    pub(super) fn drop_pages(&mut self, file: u64) {
        let content = self.content(file);
        content.removed = true;
        let pages = content.now.page_count();
        self.used_pages -= pages;
    }

    pub(super) fn call_names(&mut self, number: u64, call: &NameCall) -> io::Result<Answer> {
        let value = match call {
            NameCall::CreateDirAll(path) => self.create_dirs(number, path)?,
            NameCall::RemoveFile(path) => {
                let Some(Node::File(file)) = self.names.get(path).cloned() else {
                    return errno(if self.is_dir(path) { libc::EISDIR } else { libc::ENOENT });
                };
                self.change_names(number, vec![NameChange { path: path.clone(), node: None }]);
                self.drop_pages(file);
                Value::Done
            }
            NameCall::RemoveDir(path) => {
                if !self.is_dir(path) {
                    return errno(libc::ENOENT);
                }
                if self.names.keys().any(|name| name.parent() == Some(path)) {
                    return errno(libc::ENOTEMPTY);
                }
                self.change_names(number, vec![NameChange { path: path.clone(), node: None }]);
                Value::Done
            }
            NameCall::Rename(from, to) => self.rename(number, from, to)?,
            NameCall::ListDir(path) => Value::Entries(self.entries(path)?),
            NameCall::Exists(path) => Value::Flag(self.names.contains_key(path)),
            NameCall::DiskSpace(_) => Value::Space(DiskSpace {
                total: self.capacity_pages * super::image::PAGE as u64,
                free: self.capacity_pages.saturating_sub(self.used_pages)
                    * super::image::PAGE as u64,
                copy_on_write: None,
            }),
            NameCall::DirectAlignment(_) => Value::Count(self.sector_bytes),
            NameCall::BootId => Value::Text(String::from("simulated")),
            NameCall::SyncDir(_) => unreachable!("flushes have their own action"),
        };
        Ok(Answer::Value(value))
    }

    fn create_dirs(&mut self, number: u64, path: &Path) -> io::Result<Value> {
        let mut changes = Vec::new();
        for dir in path.ancestors() {
            match self.names.get(dir) {
                Some(Node::Dir) => break,
                Some(Node::File(_)) => return errno(libc::ENOTDIR),
                None => changes.push(NameChange { path: dir.to_owned(), node: Some(Node::Dir) }),
            }
        }
        for change in changes.into_iter().rev() {
            self.change_names(number, vec![change]);
        }
        Ok(Value::Done)
    }

    fn rename(&mut self, number: u64, from: &Path, to: &Path) -> io::Result<Value> {
        if self.is_dir(from) {
            return self.rename_dir(number, from, to);
        }
        let Some(Node::File(file)) = self.names.get(from).cloned() else {
            return errno(libc::ENOENT);
        };
        self.parent_exists(to)?;
        match self.names.get(to).cloned() {
            Some(Node::Dir) => return errno(libc::EISDIR),
            Some(Node::File(same)) if same == file => return Ok(Value::Done),
            Some(Node::File(replaced)) => self.drop_pages(replaced),
            None => {}
        }
        let changes = vec![
            NameChange { path: from.to_owned(), node: None },
            NameChange { path: to.to_owned(), node: Some(Node::File(file)) },
        ];
        self.change_names(number, changes);
        Ok(Value::Done)
    }

    /// A directory takes everything in it along, kept or undone as one by a crash.
    fn rename_dir(&mut self, number: u64, from: &Path, to: &Path) -> io::Result<Value> {
        self.parent_exists(to)?;
        if to.starts_with(from) {
            return errno(libc::EINVAL);
        }
        if self.names.contains_key(to) {
            return errno(libc::ENOTEMPTY);
        }
        let inside = self.names.iter().filter(|(path, _)| path.starts_with(from));
        let mut changes = Vec::new();
        for (path, node) in inside {
            let rest = path.strip_prefix(from).expect("because it was just compared");
            let moved = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            changes.push(NameChange { path: path.clone(), node: None });
            changes.push(NameChange { path: moved, node: Some(node.clone()) });
        }
        self.change_names(number, changes);
        Ok(Value::Done)
    }

    fn entries(&self, dir: &Path) -> io::Result<Vec<DirEntry>> {
        if !self.is_dir(dir) {
            return errno(libc::ENOENT);
        }
        let inside = self.names.iter().filter(|(path, _)| path.parent() == Some(dir));
        let entry = |(path, node): (&PathBuf, &Node)| DirEntry {
            name: path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            is_dir: *node == Node::Dir,
            len: match node {
                Node::File(file) => self.files[file].now.len(),
                Node::Dir => 0,
            },
        };
        Ok(inside.map(entry).collect())
    }
}
