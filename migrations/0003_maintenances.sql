CREATE TABLE `maintenances` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`ends_at_ms` integer NOT NULL,
	`definition` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL
);
