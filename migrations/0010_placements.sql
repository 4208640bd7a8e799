-- Which coordinator judges a monitor, where a network has several.
CREATE TABLE `placements` (
	`id` text PRIMARY KEY NOT NULL,
	`coordinator` integer NOT NULL
) WITHOUT ROWID;
