-- A demo factory: the appliance publishes simulated machines to it for as long as it exists, and its owner may remove it.

alter table factories add column is_demo integer not null default 0 check (is_demo in (0, 1));
