-- Everything that happened, in the order in which it was told. The order is that of seq: clocks are stepped.
create table journal (
    seq bigint primary key,
    at bigint not null,          -- milliseconds since the Unix epoch
    kind text not null,
    call text collate "C",
    body text not null           -- the entry as JSON
);
create index journal_of_call on journal (call, seq) where call is not null;
create index journal_of_no_call on journal (at) where call is null;

-- What a start reads: the entries that make up what is not over. A slot holds one entry at a time.
create table open_entries (
    seq bigint primary key,
    subject text collate "C" not null,
    slot text
);
create index open_entries_of on open_entries (subject);

-- One row for each call that has ended.
create table calls (
    call text collate "C" primary key,
    arrived_at bigint not null,
    ended_at bigint not null,
    caller text,
    dialled text not null,
    trunk text,
    origin text not null,
    clinic text,
    queue text,
    agent text,
    outcome text not null,
    hangup_by text not null,
    waited bigint,               -- milliseconds from the queue to an agent, or to the end
    talked bigint,               -- milliseconds from the answer of an agent or a clinic to the end
    dialplan text not null,
    masked bigint not null default 0, -- whether the caller's number was erased
    record text not null         -- the record as JSON
);
create index calls_of_caller on calls (caller, call);
create index calls_by_end on calls (ended_at);

-- What was erased, by whom and by which rule.
create table erasures (
    at bigint not null,
    who text not null,
    what text not null,          -- 'call', or 'caller' for the number alone
    before bigint not null,      -- of calls that arrived before this time
    queue text,                  -- '' for those that waited in none, null for all
    calls bigint not null
);

-- What the store must remember of itself.
create table notes (
    name text primary key,
    value text not null
);
