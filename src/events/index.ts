export * from "./event-log.ts";
export {
  type EventLogOptions,
  eventMigrations,
  openEventLog,
  type StoredEventLog,
} from "./stored-event-log.ts";
export * from "./told-states.ts";
