-- How a side of a call was heard, a row for each of its streams.
create table heard (
    call text collate "C" not null,
    seq bigint not null,         -- of the entry in the journal
    body text not null,          -- the entry's words as JSON
    primary key (call, seq)
);
