-- The store: one DuckDB file. Everything that can change over time carries the run that wrote it (since_run) and
-- the run that ended it (until_run, null while it holds), so that any earlier state can be read back: a row holds
-- at run R if since_run <= R and (until_run is null or until_run > R). Rows are never updated otherwise.
--
-- Big tables have no primary key: the index of one costs more room than the rows; what keys would guarantee is
-- what the view `orphans` lists, and a test keeps it empty. Texts are compressed by zstd (0.44 of their size on 4.8
-- MB of news; left to itself DuckDB chose none and took 1.30). There are no foreign keys: DuckDB refuses to delete
-- parent and child in one transaction. All times are UTC.

create table meta (
    product varchar not null check (product = 'alias-resolver'),
    schema_version integer not null check (schema_version > 0),
    created_at timestamp not null,
    created_by varchar not null
);
comment on table meta is 'One row: what this file is';
comment on column meta.product is 'Always alias-resolver: tells this store from other DuckDB files';
comment on column meta.schema_version is 'Number of the last schema change that this file went through';
comment on column meta.created_at is 'When the file was made, UTC';
comment on column meta.created_by is 'Version of alias-resolver that made the file';

create table runs (
    run_id integer primary key check (run_id > 0),
    command varchar not null,
    started_at timestamp not null,
    finished_at timestamp not null,
    settings json not null,
    versions json not null,
    counts json not null,
    seconds json not null
);
comment on table runs is 'One row for every change of this store, oldest first: what was done, with what, and what came of it';
comment on column runs.run_id is 'Counted from 1; since_run and until_run of the other tables refer to it';
comment on column runs.command is 'What was asked for: resolve, decide, undo, forget, rebuild ...';
comment on column runs.started_at is 'When the work began, UTC';
comment on column runs.finished_at is 'When the results were written, UTC';
comment on column runs.settings is 'Every setting that the run used, as a JSON object';
comment on column runs.versions is 'Versions of the program, its models and its curated table, as a JSON object';
comment on column runs.counts is 'How many articles, mentions, entities ... the run saw, as a JSON object';
comment on column runs.seconds is 'Seconds of each stage, as a JSON object';

create table articles (
    article_id varchar not null,
    text varchar not null using compression zstd,
    boilerplate struct("start" integer, "end" integer)[] not null,
    since_run integer not null
);
comment on table articles is 'Texts, each stored once however many documents carry it; a text never changes';
comment on column articles.article_id is 'Derived from the text: equal texts have equal ids';
comment on column articles.text is 'The text as it was read; start and end elsewhere count its characters';
comment on column articles.boilerplate is 'Half-open ranges of characters that are menus, cookie notices and the like';
comment on column articles.since_run is 'The run that stored the text';

create table documents (
    doc_id varchar not null,
    article_id varchar not null,
    title varchar,
    date varchar,
    outlet varchar,
    author varchar,
    url varchar,
    lang varchar,
    extra json not null,
    source varchar not null,
    since_run integer not null,
    until_run integer check (until_run > since_run)
);
comment on table documents is 'What the user calls an article: a doc_id with its metadata, pointing at a text; a changed text is a new row';
comment on column documents.doc_id is 'The id that the user gave, or one made from the file name';
comment on column documents.article_id is 'The text: see articles';
comment on column documents.title is 'Headline; null if unknown';
comment on column documents.date is 'Date of publication as it was given, ISO 8601 where it could be read as a date; null if unknown';
comment on column documents.outlet is 'Newspaper, agency or site; null if unknown';
comment on column documents.author is 'By-line; null if unknown';
comment on column documents.url is 'Where it was published; null if unknown';
comment on column documents.lang is 'Language code; null if unknown';
comment on column documents.extra is 'Every other key that came with the article, as a JSON object';
comment on column documents.source is 'File and line that it was read from';
comment on column documents.since_run is 'The run that wrote this row';
comment on column documents.until_run is 'The run from which on this row no longer holds; null while it holds';

create table mentions (
    mention_id varchar not null,
    article_id varchar not null,
    "start" integer not null check ("start" >= 0),
    "end" integer not null check ("end" > "start"),
    surface varchar not null,
    kind varchar not null check (kind in ('PER', 'ORG', 'LOC')),
    confidence double not null check (confidence between 0 and 1),
    source varchar not null,
    chain_id varchar,
    since_run integer not null,
    until_run integer check (until_run > since_run),
    check (length(surface) = "end" - "start")
);
comment on table mentions is 'Places in a text that name somebody or something';
comment on column mentions.mention_id is 'Derived from text, place and kind: the same mention has the same id in every run';
comment on column mentions.article_id is 'The text: see articles';
comment on column mentions."start" is 'First character, counted from 0';
comment on column mentions."end" is 'The character after the last one';
comment on column mentions.surface is 'The characters of the text from start to end';
comment on column mentions.kind is 'PER person, ORG organisation, LOC place';
comment on column mentions.confidence is 'How sure the extractor was that this is a name, 0 to 1';
comment on column mentions.source is 'The extractor that found it: given, rules, tagger, table, propagated';
comment on column mentions.chain_id is 'The chain that it belongs to: see chains; null if none';
comment on column mentions.since_run is 'The run that wrote this row';
comment on column mentions.until_run is 'The run from which on this row no longer holds; null while it holds';

create table chains (
    chain_id varchar not null,
    article_id varchar not null,
    kind varchar not null check (kind in ('PER', 'ORG', 'LOC')),
    name varchar not null,
    forms varchar[] not null,
    context struct(
        roles varchar[], places varchar[], orgs varchar[], words varchar[], gender varchar, also varchar[],
        near varchar[], kin varchar[]
    ) not null,
    rivals struct(mention_id varchar, chain_id varchar)[] not null,
    since_run integer not null,
    until_run integer check (until_run > since_run)
);
comment on table chains is 'All mentions of one entity inside one article, under its fullest name, with what the article says around it';
comment on column chains.chain_id is 'Derived from content, equal in every run';
comment on column chains.article_id is 'The text: see articles';
comment on column chains.kind is 'PER person, ORG organisation, LOC place';
comment on column chains.name is 'The fullest name in the article';
comment on column chains.forms is 'Distinct spellings in the article, commonest first';
comment on column chains.context is 'Roles, places, organisations, words, gender cues and other names that the article ties to the chain';
comment on column chains.rivals is 'Mentions of this chain that could as well belong to another chain of the text, and to which';
comment on column chains.since_run is 'The run that wrote this row';
comment on column chains.until_run is 'The run from which on this row no longer holds; null while it holds';

create table names (
    surface varchar not null,
    kind varchar not null check (kind in ('PER', 'ORG', 'LOC')),
    folded varchar not null,
    tokens struct(text varchar, role varchar)[] not null,
    script varchar not null,
    group_id ubigint
);
comment on table names is 'Spellings as they were last parsed, one row for each spelling and kind';
comment on column names.surface is 'The spelling';
comment on column names.kind is 'PER person, ORG organisation, LOC place';
comment on column names.folded is 'Lower case, no accents, Latin letters, given name before surname: equal names have it in common';
comment on column names.tokens is 'The parts of the name and what each does: given, surname, particle, title ...';
comment on column names.script is 'Main script of the spelling: latin, arabic, han ...';
comment on column names.group_id is 'Equal for spellings that are one name; null in a store of an earlier version until its next run';

create table name_keys (
    "key" uinteger not null,
    group_id ubigint not null
);
comment on table name_keys is 'What names that may be one share: finds the stored names to compare a new one with';
comment on column name_keys."key" is 'Hash of a kind and a part of the name, such as the sounds of two of its words';
comment on column name_keys.group_id is 'The name: see names';

create table words (
    number integer not null,
    word varchar not null,
    articles integer not null
);
comment on table words is 'Telling words of the texts, and in how many texts each stands: what rarity means here';
comment on column words.number is 'Stands for the word in article_words';
comment on column words.word is 'The word, folded';
comment on column words.articles is 'Texts that hold it, of those that documents carry now';

create table article_words (
    article_id varchar not null,
    words integer[] not null,
    event integer,
    story integer
);
comment on table article_words is 'The telling words of each text that documents carry now';
comment on column article_words.article_id is 'The text: see articles';
comment on column article_words.words is 'Numbers of its words: see words';
comment on column article_words.event is 'Equal for texts that tell one event; null before anybody looked';
comment on column article_words.story is
    'Equal for texts that tell one story, of one event or of several; null before anybody looked';

create table features (
    family varchar not null,
    feature varchar not null,
    articles integer not null
);
comment on table features is 'What chains are described by, and in how many texts each description stands';
comment on column features.family is 'role, office, place, org, word; article: how many name anybody or anything';
comment on column features.feature is 'The description, folded';
comment on column features.articles is 'Texts that hold it, of those that documents carry now';

create table pairs (
    left_chain varchar not null,
    right_chain varchar not null,
    bits double not null,
    probability double not null check (probability between 0 and 1),
    keys varchar[] not null,
    evidence struct(feature varchar, value varchar, bits double, detail varchar)[] not null,
    since_run integer not null,
    until_run integer check (until_run > since_run),
    check (left_chain < right_chain)
);
comment on table pairs is 'Chains that were compared, with every term of the score';
comment on column pairs.left_chain is 'The chain whose id sorts first: see chains';
comment on column pairs.right_chain is 'The other chain';
comment on column pairs.bits is 'Prior plus the sum of the evidence, log2 odds that both are the same';
comment on column pairs.probability is 'Calibrated probability that both are the same, 0 to 1';
comment on column pairs.keys is 'The candidate keys that brought the two together';
comment on column pairs.evidence is 'What was compared, what came out, its weight in bits, and the words';
comment on column pairs.since_run is 'The run that wrote this row';
comment on column pairs.until_run is 'The run from which on this row no longer holds; null while it holds';

create table entities (
    entity_id varchar not null,
    kind varchar not null check (kind in ('PER', 'ORG', 'LOC')),
    name varchar,
    curated boolean not null,
    since_run integer not null,
    until_run integer check (until_run > since_run)
);
comment on table entities is 'People, organisations and places; an id that was once given stays here for good and never means somebody else';
comment on column entities.entity_id is 'Given once; the id of the curated table where the entity is in it';
comment on column entities.kind is 'PER person, ORG organisation, LOC place';
comment on column entities.name is 'Canonical name; null if all texts that named it were forgotten';
comment on column entities.curated is 'Whether the entity stands in the curated table';
comment on column entities.since_run is 'The run that wrote this row';
comment on column entities.until_run is 'The run from which on this row no longer holds; null while it holds';

create table resolutions (
    mention_id varchar not null,
    entity_id varchar not null,
    probability double not null check (probability between 0 and 1),
    status varchar not null check (status in ('resolved', 'ambiguous', 'new')),
    linked_by varchar not null check (linked_by in ('exact', 'name', 'chain', 'context', 'table', 'verdict')),
    candidates struct(entity_id varchar, probability double)[] not null,
    since_run integer not null,
    until_run integer check (until_run > since_run)
);
comment on table resolutions is 'Who each mention is; only a changed outcome is written anew';
comment on column resolutions.mention_id is 'The mention: see mentions';
comment on column resolutions.entity_id is 'The entity, or the likeliest one of an ambiguous mention: see entities';
comment on column resolutions.probability is 'Probability of that entity, 0 to 1';
comment on column resolutions.status is 'resolved, ambiguous (candidates lists all) or new';
comment on column resolutions.linked_by is 'What the link could not have been made without: exact, name, chain, context, table, verdict';
comment on column resolutions.candidates is 'The entities that an ambiguous mention can be, likeliest first; otherwise empty';
comment on column resolutions.since_run is 'The run that wrote this row';
comment on column resolutions.until_run is 'The run from which on this row no longer holds; null while it holds';

create table redirects (
    old_id varchar not null,
    new_id varchar not null,
    since_run integer not null,
    until_run integer check (until_run > since_run),
    check (old_id <> new_id)
);
comment on table redirects is 'Where an entity went that was merged into another; ends if the old entity comes back';
comment on column redirects.old_id is 'The id that was given up';
comment on column redirects.new_id is 'The id that took over; may be redirected itself';
comment on column redirects.since_run is 'The run that merged the two';
comment on column redirects.until_run is 'The run that parted them again; null while it holds';

create table decisions (
    decision_id varchar primary key,
    left_id varchar not null,
    right_id varchar not null,
    verdict varchar not null check (verdict in ('same', 'different', 'unsure')),
    reason varchar not null,
    decided_by varchar not null,
    decided_at timestamp not null,
    undone_at timestamp,
    left_anchor struct(article_id varchar, "start" integer, "end" integer, surface varchar),
    right_anchor struct(article_id varchar, "start" integer, "end" integer, surface varchar)
);
comment on table decisions is 'What people said of a pair: kept for good, also when taken back';
comment on column decisions.decision_id is 'Names the verdict, for undo';
comment on column decisions.left_id is 'Mention, chain or entity';
comment on column decisions.right_id is 'Mention, chain or entity';
comment on column decisions.verdict is 'same, different or unsure';
comment on column decisions.reason is 'Why, in the words of who decided';
comment on column decisions.decided_by is 'Who decided';
comment on column decisions.decided_at is 'When, UTC';
comment on column decisions.undone_at is 'When it was taken back, UTC; null while it holds';
comment on column decisions.left_anchor is 'Text and place of the left side if it is a mention: finds it again after a new extraction';
comment on column decisions.right_anchor is 'The same for the right side';

create table conflicts (
    run_id integer not null,
    left_id varchar not null,
    right_id varchar not null,
    detail varchar not null,
    decision_ids varchar[] not null
);
comment on table conflicts is 'Verdicts that cannot all be honoured, as each run found them';
comment on column conflicts.run_id is 'The run that found the conflict';
comment on column conflicts.left_id is 'One side of the pair that cannot be both joined and parted';
comment on column conflicts.right_id is 'The other side';
comment on column conflicts.detail is 'What clashes, in words';
comment on column conflicts.decision_ids is 'The verdicts that clash, in order: see decisions';

-- ------------------------------------------------------------------ any state, by number of run

create macro mentions_at(run) as table
    select
        case when d.place = 1 then m.mention_id else m.mention_id || '@' || d.doc_id end as mention_id,
        d.doc_id,
        m."start",
        m."end",
        m.surface,
        m.kind as type,
        r.entity_id,
        e.name as entity_name,
        r.probability,
        r.status,
        r.linked_by,
        r.candidates,
        d.outlet,
        d.date,
        m.article_id,
        m.chain_id,
        m.source
    from mentions m
    join resolutions r on r.mention_id = m.mention_id
    join entities e on e.entity_id = r.entity_id
    join (
        select *, row_number() over (partition by article_id order by doc_id) as place
        from documents
        where since_run <= run and (until_run is null or until_run > run)
    ) d on d.article_id = m.article_id
    where m.since_run <= run and (m.until_run is null or m.until_run > run)
        and r.since_run <= run and (r.until_run is null or r.until_run > run)
        and e.since_run <= run and (e.until_run is null or e.until_run > run);
comment on macro table mentions_at is 'The mentions as run number `run` left them: select * from mentions_at(3)';

create macro mentions_in_text_at(run) as table
    select
        m.*,
        d.title,
        substring(a.text, greatest(m."start" - 59, 1), least(m."start", 60)) as before,
        substring(a.text, m."end" + 1, 60) as after
    from mentions_at(run) m
    join articles a on a.article_id = m.article_id
    join documents d on d.doc_id = m.doc_id
    where d.since_run <= run and (d.until_run is null or d.until_run > run);
comment on macro table mentions_in_text_at is 'The mentions with up to 60 characters of text before and after them';

create macro spellings_at(run) as table
    select
        entity_id,
        any_value(entity_name) as entity_name,
        any_value(type) as type,
        surface as spelling,
        count(*) as mentions,
        count(distinct article_id) as articles,
        list_sort(list(distinct outlet) filter (where outlet is not null)) as outlets
    from mentions_at(run)
    group by entity_id, surface;
comment on macro table spellings_at is 'Spellings of each entity as run number `run` left them';

create macro entities_at(run) as table
    select
        e.entity_id,
        e.kind as type,
        e.name,
        e.curated,
        coalesce(m.mentions, 0) as mentions,
        coalesce(m.articles, 0) as articles,
        coalesce(s.spellings, []) as spellings
    from entities e
    left join (
        select entity_id, count(*) as mentions, count(distinct article_id) as articles
        from mentions_at(run)
        group by entity_id
    ) m on m.entity_id = e.entity_id
    left join (
        select
            entity_id,
            list({spelling: spelling, mentions: mentions} order by mentions desc, spelling) as spellings
        from spellings_at(run)
        group by entity_id
    ) s on s.entity_id = e.entity_id
    where e.since_run <= run and (e.until_run is null or e.until_run > run) and e.name is not null;
comment on macro table entities_at is 'The entities with counts and spellings as run number `run` left them';

create macro chains_of(thing, run) as table
    select distinct chain_id
    from mentions
    where since_run <= run and (until_run is null or until_run > run)
        and (
            mention_id in (
                select mention_id
                from resolutions
                where entity_id = thing and since_run <= run and (until_run is null or until_run > run))
            or mention_id = split_part(thing, '@', 1)
            or chain_id = thing);
comment on macro table chains_of is 'The chains of an entity, of a mention, or the chain itself, as run number `run` left them';

create macro pairs_of(thing, run) as table
    with mine as materialized (from chains_of(thing, run))
    select *, left_chain in (from mine) as is_left
    from pairs
    where (left_chain in (from mine) or right_chain in (from mine))
        and since_run <= run and (until_run is null or until_run > run);
comment on macro table pairs_of is 'The comparisons of an entity, mention or chain as run number `run` left them; is_left: it is the left side';

-- ------------------------------------------------------------------ questions that people ask
-- 2147483647 is later than any run: it asks for what holds now.

create view current_mentions as
    select *
    from mentions_at(2147483647);
comment on view current_mentions is 'Every mention with who it is: one row for each mention and document';
comment on column current_mentions.mention_id is 'The mention; with @doc_id behind it in the second and further documents of one text';
comment on column current_mentions.doc_id is 'The document';
comment on column current_mentions."start" is 'First character, counted from 0';
comment on column current_mentions."end" is 'The character after the last one';
comment on column current_mentions.surface is 'The characters of the text from start to end';
comment on column current_mentions.type is 'PER person, ORG organisation, LOC place';
comment on column current_mentions.entity_id is 'The entity, or the likeliest one';
comment on column current_mentions.entity_name is 'Its canonical name';
comment on column current_mentions.probability is 'Probability of that entity, 0 to 1';
comment on column current_mentions.status is 'resolved, ambiguous (candidates lists all) or new';
comment on column current_mentions.linked_by is 'What the link could not have been made without';
comment on column current_mentions.candidates is 'The entities that an ambiguous mention can be, likeliest first; otherwise empty';
comment on column current_mentions.outlet is 'Newspaper, agency or site; null if unknown';
comment on column current_mentions.date is 'Date of publication as it was given; null if unknown';
comment on column current_mentions.article_id is 'The text: see articles';
comment on column current_mentions.chain_id is 'The chain: see chains';
comment on column current_mentions.source is 'The extractor that found it';

create view people as
    select
        name,
        list_transform(spellings, lambda s: s.spelling) as spellings,
        mentions,
        articles,
        curated,
        entity_id
    from entities_at(2147483647)
    where type = 'PER'
    order by mentions desc, name, entity_id;
comment on view people is 'Who is in the news? People with all their spellings, most mentioned first';
comment on column people.name is 'Canonical name';
comment on column people.spellings is 'Spellings, commonest first';
comment on column people.mentions is 'Number of mentions, counted in each document';
comment on column people.articles is 'Number of distinct texts';
comment on column people.curated is 'Whether the person stands in the curated table';
comment on column people.entity_id is 'The entity';

create view spellings_by_outlet as
    select
        entity_id,
        any_value(entity_name) as entity_name,
        any_value(type) as type,
        surface as spelling,
        outlet,
        count(*) as mentions,
        count(distinct article_id) as articles
    from current_mentions
    group by entity_id, surface, outlet
    order by entity_name, entity_id, mentions desc, spelling, outlet;
comment on view spellings_by_outlet is 'Who writes it how? Spellings of each entity by outlet';
comment on column spellings_by_outlet.entity_id is 'The entity';
comment on column spellings_by_outlet.entity_name is 'Its canonical name';
comment on column spellings_by_outlet.type is 'PER person, ORG organisation, LOC place';
comment on column spellings_by_outlet.spelling is 'The spelling';
comment on column spellings_by_outlet.outlet is 'Newspaper, agency or site; null if unknown';
comment on column spellings_by_outlet.mentions is 'How often the outlet wrote it';
comment on column spellings_by_outlet.articles is 'In how many texts';

create view ambiguous_mentions as
    select mention_id, doc_id, "start", "end", surface, type, entity_name, probability, candidates
    from current_mentions
    where status = 'ambiguous'
    order by doc_id, "start", mention_id;
comment on view ambiguous_mentions is 'Where could it be more than one? Mentions that were not forced to one entity';
comment on column ambiguous_mentions.mention_id is 'The mention';
comment on column ambiguous_mentions.doc_id is 'The document';
comment on column ambiguous_mentions."start" is 'First character, counted from 0';
comment on column ambiguous_mentions."end" is 'The character after the last one';
comment on column ambiguous_mentions.surface is 'The characters of the text from start to end';
comment on column ambiguous_mentions.type is 'PER person, ORG organisation, LOC place';
comment on column ambiguous_mentions.entity_name is 'Name of the likeliest entity';
comment on column ambiguous_mentions.probability is 'Its probability, 0 to 1';
comment on column ambiguous_mentions.candidates is 'All entities that it can be, likeliest first';

create view near_pairs as
    select
        l.name as left_name,
        r.name as right_name,
        p.probability,
        p.bits,
        p.keys,
        p.left_chain,
        p.right_chain
    from pairs p
    join chains l on l.chain_id = p.left_chain and l.until_run is null
    join chains r on r.chain_id = p.right_chain and r.until_run is null
    where p.until_run is null
        and p.probability between 0.1 and 0.9
    order by abs(p.probability - 0.5), p.left_chain, p.right_chain;
comment on view near_pairs is 'What was a close call? Compared chains with a probability of 0.1 to 0.9, the closest first';
comment on column near_pairs.left_name is 'Fullest name of the left chain';
comment on column near_pairs.right_name is 'Fullest name of the right chain';
comment on column near_pairs.probability is 'Probability that both are the same, 0 to 1';
comment on column near_pairs.bits is 'The same as log2 odds, before calibration';
comment on column near_pairs.keys is 'The candidate keys that brought the two together';
comment on column near_pairs.left_chain is 'Left chain';
comment on column near_pairs.right_chain is 'Right chain';

create view orphans as
    with
        m as (select * from mentions where until_run is null),
        c as (select * from chains where until_run is null),
        d as (select * from documents where until_run is null),
        e as (select * from entities where until_run is null),
        r as (select * from resolutions where until_run is null),
        p as (select * from pairs where until_run is null),
        x as (select * from redirects where until_run is null)
    select 'document without text' as problem, doc_id as id from d anti join articles using (article_id)
    union all select 'text stored twice', article_id from articles group by article_id having count(*) > 1
    union all select 'document twice', doc_id from d group by doc_id having count(*) > 1
    union all select 'mention without document', mention_id from m anti join d using (article_id)
    union all select 'mention twice', mention_id from m group by mention_id having count(*) > 1
    union all select 'mention without chain', mention_id from m anti join c using (chain_id)
        where chain_id is not null
    union all select 'mention without resolution', mention_id from m anti join r using (mention_id)
    union all select 'mention that is not its text', mention_id from m join articles using (article_id)
        where substring(text, m."start" + 1, m."end" - m."start") <> surface
    union all select 'chain twice', chain_id from c group by chain_id having count(*) > 1
    union all select 'chain without mention', chain_id from c anti join m using (chain_id)
    union all select 'resolution without mention', mention_id from r anti join m using (mention_id)
    union all select 'resolution twice', mention_id from r group by mention_id having count(*) > 1
    union all select 'resolution without entity', mention_id from r anti join e using (entity_id)
    union all select 'entity twice', entity_id from e group by entity_id having count(*) > 1
    union all select 'pair without chain', left_chain from p anti join c on c.chain_id = left_chain
    union all select 'pair without chain', right_chain from p anti join c on c.chain_id = right_chain
    union all select 'redirect of a living entity', old_id from x semi join e on e.entity_id = old_id
    union all select 'redirect to nowhere', old_id from x anti join
        (select entity_id from e union all select old_id from x) on entity_id = new_id
    union all select 'entity of two kinds', entity_id from entities group by entity_id having count(distinct kind) > 1
    union all select 'redirect twice', old_id from x group by old_id having count(*) > 1;
comment on view orphans is 'Is the store sound? Rows that lack what they refer to; empty in a sound store';
comment on column orphans.problem is 'What is wrong';
comment on column orphans.id is 'With which row';
