create database lac;
create database atelier;
revoke all on database dagster from public;
