-- Reports read what agents did of a day, a week or a month.
create index journal_of_agents on journal (at, seq) where kind = 'agent';
