-- A role and a database for each service of ROLES, `name=password` with spaces between: it owns that one, and connects
-- to no other. The keyring is everybody's: whoever connects to it acts as its owner. psql runs this, once, as superuser.
\set ON_ERROR_STOP on
\getenv roles ROLES
BEGIN;
CREATE TEMPORARY TABLE service ON COMMIT PRESERVE ROWS AS
    SELECT split_part(pair, '=', 1) AS name, split_part(pair, '=', 2) AS password
    FROM string_to_table(:'roles', ' ') AS pair;
ALTER TABLE service ADD CHECK (name <> '' AND length(password) >= 16);

CREATE ROLE keyring NOLOGIN;
-- May become the keyring's owner, but has none of its rights until it does.
SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', name, password),
    format('GRANT keyring TO %I WITH INHERIT FALSE, SET TRUE', name)
FROM service \gexec
COMMIT;

-- None of these can be made in a transaction; each closes the door to everybody before it opens it to its own.
SELECT format('CREATE DATABASE %I OWNER %I', name, name),
    format('REVOKE ALL ON DATABASE %I FROM PUBLIC', name)
FROM (SELECT name FROM service UNION SELECT 'keyring') AS owner \gexec
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SELECT format('GRANT CONNECT ON DATABASE keyring TO %I', name),
    format('ALTER ROLE %I IN DATABASE keyring SET role = keyring', name)
FROM service \gexec
DROP TABLE service;
