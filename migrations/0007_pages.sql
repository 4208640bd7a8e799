CREATE TABLE `pages` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`definition` text NOT NULL,
	`logo` text,
	`logo_dark` text,
	`favicon` text,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
