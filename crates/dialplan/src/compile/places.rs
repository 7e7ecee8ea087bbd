//! Where everything was written.

use std::sync::Arc;

use super::entries;
use super::numbers::Book;
use crate::place::{Place, Places, Thing};
use crate::read::{Field, Names, Table};
use crate::source::{Sources, Spot};
use crate::tables::Root;

/// The places of all things of the dialplan.
pub(super) fn places(root: &Root, book: &Book, sources: &Sources) -> Places {
    let files = sources.files.iter().map(|file| file.name().into()).collect();
    let mut builder = Builder { sources, files, places: Places::default() };
    builder.table(Thing::Region, &root.region);
    builder.table(Thing::Service, &root.service);
    builder.named(&root.callers, |name| Thing::Callers(name.into()));
    builder.table(Thing::ClinicDefaults, &root.clinic_defaults);
    builder.named(&root.clinics, |name| Thing::Clinic(name.into()));
    builder.named(&root.retired, |name| Thing::Retired(name.into()));
    builder.named(&root.outside, |name| Thing::Outside(name.into()));
    builder.named(&root.prompts, |name| Thing::Prompt(name.into()));
    builder.named(&root.schedules, |name| Thing::Schedule(name.into()));
    builder.table(Thing::MenuDefaults, &root.menu_defaults);
    builder.named(&root.menus, |name| Thing::Menu(name.into()));
    builder.table(Thing::QueueDefaults, &root.queue_defaults);
    builder.named(&root.queues, |name| Thing::Queue(name.into()));
    builder.named(&root.organisations, |name| Thing::Organisation(name.into()));
    builder.named(&root.groups, |name| Thing::Group(name.into()));
    builder.named(&root.sites, |name| Thing::Site(name.into()));
    builder.named(&root.trunks, |name| Thing::Trunk(name.into()));
    builder.table(Thing::Features, &root.features);
    builder.choices(root);
    builder.tiers(root);
    builder.agents(root);
    for (number, spot) in book.spots() {
        builder.add(Thing::Number(number.clone()), spot, None::<&Root>);
    }
    builder.places
}

struct Builder<'a> {
    sources: &'a Sources,
    /// Names of the files, by index.
    files: Vec<Arc<str>>,
    places: Places,
}

impl Builder<'_> {
    fn add<T: Table>(&mut self, thing: Thing, spot: Spot, table: Option<&T>) {
        let keys = table.map(Table::spots).unwrap_or_default();
        let keys = keys.into_iter().map(|(key, spot)| (key, self.place(spot))).collect();
        self.places.add(thing, self.place(spot), keys);
    }

    fn table<T: Table>(&mut self, thing: Thing, table: &Field<T>) {
        if let Some(at) = table.given() {
            self.add(thing, at.spot, Some(&at.value));
        }
    }

    fn named<T: Table>(&mut self, names: &Field<Names<T>>, thing: impl Fn(&str) -> Thing) {
        for (name, spot, table) in entries(names) {
            self.add(thing(name), spot, Some(table));
        }
    }

    fn choices(&mut self, root: &Root) {
        for (name, _, menu) in entries(&root.menus) {
            for (index, choice) in menu.choice.value().into_iter().flatten().enumerate() {
                let thing = Thing::Choice((&**name).into(), index);
                self.add(thing, choice.spot, Some(&choice.value));
            }
        }
    }

    fn tiers(&mut self, root: &Root) {
        let defaults = &root.queue_defaults.or_empty().serve;
        for (name, _, queue) in entries(&root.queues) {
            for (index, tier) in queue.serve.or(defaults).value().into_iter().flatten().enumerate()
            {
                let thing = Thing::Tier((&**name).into(), index);
                self.add(thing, tier.spot, Some(&tier.value));
            }
        }
    }

    fn agents(&mut self, root: &Root) {
        for (name, spot, table) in entries(&root.agents) {
            for number in crate::read::range(name).unwrap_or_default() {
                self.add(Thing::Agent(number.as_str().into()), spot, Some(table));
            }
        }
    }

    fn place(&self, spot: Spot) -> Place {
        let file = Arc::clone(&self.files[spot.file]);
        Place { file, line: self.sources.line(spot) }
    }
}
