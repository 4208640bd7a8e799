CREATE TABLE `restored_rows` (
	`of_table` text NOT NULL,
	`id` text NOT NULL,
	`body` text,
	PRIMARY KEY(`of_table`, `id`)
);
