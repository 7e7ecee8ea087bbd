//! `extensions.conf` and `queues.conf` of Asterisk, also as FreePBX writes them.
//!
//! What a line122 dialplan can say is taken over: numbers that lead to a menu or a queue, menus of
//! `Background` and single keys, queues with their members, numbers that ring phones for some time and
//! then go on (clinics), numbers with an announcement (retired). All else is listed.

mod conf;
mod queues;
mod routes;
mod write;

use std::collections::BTreeSet;

use super::{Imported, LeftOut};

/// The most lines of a file that are read.
pub const LINES_MAX: usize = 200_000;

/// A file and its text.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name, for the list of what was left out.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Takes over what can be from files like `extensions.conf` and files like `queues.conf`.
#[must_use]
pub fn asterisk(extensions: &[File<'_>], queues: &[File<'_>]) -> Imported {
    let mut left_out = Vec::new();
    let queues: Vec<_> =
        queues.iter().flat_map(|file| queues::read(*file, &mut left_out)).collect();
    let mut known = conf::Extensions::default();
    for file in extensions {
        conf::extensions(*file, &mut known, &mut left_out);
    }
    let extensions = known;
    let routes = routes::routes(&extensions, &mut left_out);
    let mut imported = Imported { toml: write::toml(&routes, &queues), left_out };
    for name in unknown_queues(&routes, &queues) {
        imported.toml += &format!("# queue {name} is in no queues.conf\n");
    }
    imported.left_out.sort();
    imported.left_out.dedup();
    imported
}

fn unknown_queues(routes: &routes::Routes, queues: &[queues::Queue]) -> BTreeSet<String> {
    let known = |name: &&String| queues.iter().any(|queue| queue.name == **name);
    routes.queues.iter().filter(|name| !known(name)).cloned().collect()
}
