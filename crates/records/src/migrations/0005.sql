-- Recorded talks. Their sound lies in files, which say the same of themselves.
create table recordings (
    call text collate "C" not null,
    part bigint not null,        -- counts the parts of a call, from 1
    began_at bigint not null,    -- milliseconds since the Unix epoch
    lasts bigint not null,       -- milliseconds
    size bigint not null,        -- bytes of the file
    queue text not null,
    agent text not null,
    state text not null,         -- running, whole, gaps, cut
    keep_until bigint not null,
    primary key (call, part)
);
create index recordings_by_time on recordings (began_at);
create index recordings_to_erase on recordings (keep_until);
