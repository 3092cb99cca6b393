create table parts (id int primary key, kind text, weight numeric, made date)

insert into parts select i, 'kind ' || i % 7, i * 1.25, date '2020-01-01' + i from generate_series(1, 300) i

create table orders (id serial primary key, part int references parts, amount int check (amount > 0))

insert into orders (part, amount) select 1 + (i * 37) % 300, 1 + i % 9 from generate_series(1, 500) i

create index orders_part on orders (part)

analyze parts

analyze orders

select p.kind, count(*), sum(o.amount), avg(p.weight)::numeric(10,3), min(p.made), max(p.made) from parts p join orders o on o.part = p.id group by p.kind having count(*) > 3 order by 3 desc, 1

set enable_hashjoin = off

select p.id, o.amount, row_number() over (partition by p.kind order by o.amount desc, o.id) from parts p join orders o on o.part = p.id where p.weight between 40 and 60 order by p.id, o.id

set enable_hashjoin = on

set work_mem = '64kB'

select md5(string_agg(a.id || ':' || b.id, ',' order by a.kind, b.id desc, a.id)) from parts a, parts b where a.id % 10 = 0 and b.id % 15 = 0

with recursive walk (n, path) as (select 1, '1' union all select n * 2, path || '>' || n * 2 from walk where n < 500) select * from walk where exists (select 1 from parts where parts.id = walk.n) or n not in (select id from parts)

create function guarded (a int, b int) returns text language plpgsql as $f$ declare r text; c record; total int := 0; begin for c in select id, weight from parts where id between a and a + 5 order by id loop begin total := total + c.id / (c.id - b); exception when division_by_zero then r := coalesce(r, '') || ' zero at ' || c.id; begin perform 1 / 0; exception when others then r := r || ' (' || sqlerrm || ')'; end; end; end loop; return total || coalesce(r, ''); end $f$

select guarded(i, i + 3) from generate_series(1, 5) i

create function stepping () returns setof int language plpgsql as $f$ declare cur cursor (low int) for select id from orders where id > low order by id; v int; begin open cur(10); loop fetch cur into v; exit when not found or v > 30; if v % 2 = 0 then move next from cur; continue; end if; return next v; end loop; close cur; end $f$

select array_agg(s) from stepping() s

create function noted () returns trigger language plpgsql as $f$ begin if new.amount > 50 then raise exception 'too many: %', new.amount using hint = 'order less'; end if; new.amount := new.amount + 1; return new; end $f$

create trigger noted before insert or update on orders for each row execute function noted()

begin

insert into orders (part, amount) values (1, 10)

savepoint here

insert into orders (part, amount) values (1, 60)

rollback to here

insert into orders (part, amount) values (2, 0)

rollback

update orders set amount = amount + 1 where part < 5

begin

declare walking scroll cursor for select id, kind from parts order by weight desc

fetch 3 from walking

move 10 in walking

fetch backward 2 from walking

close walking

commit

copy (select id, kind, weight from parts where id < 8 order by id) to stdout with (format csv, header)

copy parts to '@DATA@/parts.copy'

create temp table again (like parts including all)

copy again from '@DATA@/parts.copy'

copy again from '@DATA@/parts.copy'

select count(*), sum(weight) from again

delete from again where id in (select id from parts where kind = 'kind 3') returning id % 10

explain (costs off) select * from parts p left join orders o on o.part = p.id where p.kind like 'kind%' order by o.amount

select regexp_replace(kind, '([a-z]+) (\d)', '\2 \1'), to_tsvector('english', kind || ' running parts'), jsonb_build_object('id', id, 'list', array[id, id + 1]) -> 'list' -> 1, format('%s|%I|%L', id, kind, made) from parts where id <= 5 order by id

select convert(convert_to('größe', 'LATIN1'), 'LATIN1', 'UTF8'), upper('abc'), to_char(timestamp '2021-02-03 04:05:06', 'Day DD Mon YYYY HH24:MI:SS')

do $f$ declare i int; begin for i in 1 .. 200 loop execute format('insert into again values (%s, %L)', 1000 + i, 'x' || i); end loop; raise notice 'done %', (select count(*) from again); end $f$

vacuum orders

reindex table parts

select relname, relkind from pg_class where relname in ('parts', 'orders', 'orders_part') order by 1

drop table orders, parts cascade
