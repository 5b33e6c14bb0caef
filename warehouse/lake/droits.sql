-- Who may do what in the two databases of a shared lake. As their owner, once both are there:
--   psql -d postgres -v lac=qpv -v atelier=qpv_atelier -v proprietaire=qpv -f warehouse/lake/droits.sql
-- An analyst then is: create role camille login password '…' in role qpv_lecteurs;
-- What fails stops all: a grant that follows a revoke that was passed over would open too much.
\set ON_ERROR_STOP on
select 'create role qpv_lecteurs nologin'
where not exists (select from pg_roles where rolname = 'qpv_lecteurs') \gexec

-- PostgreSQL lets everyone connect to every database, unless told otherwise.
revoke all on database :"lac" from public;
revoke all on database :"atelier" from public;
grant connect on database :"lac" to qpv_lecteurs;

\connect :"atelier"
revoke all on schema public from public;

\connect :"lac"
revoke all on schema public from public;
grant usage on schema public to qpv_lecteurs;
grant select on all tables in schema public to qpv_lecteurs;
alter default privileges for role :"proprietaire" in schema public grant select on tables to qpv_lecteurs;
