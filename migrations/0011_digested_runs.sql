ALTER TABLE `published_config` ADD `log_form` integer;--> statement-breakpoint
ALTER TABLE `runs` ADD `digest` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `evidence` text;