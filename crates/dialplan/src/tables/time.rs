//! The production calendar and schedules.

use crate::read::{DateRange, Days, Hours, Many, Name, Text, tables};

tables! {
    /// `[holidays]`
    HolidaysTable {
        /// Days on which nobody works.
        off: Many<DateRange> = "Нерабочие дни.",
        /// Working days that are an hour shorter.
        short: Many<DateRange> = "Сокращённые рабочие дни.",
        /// Days of a weekend on which people work.
        working: Many<DateRange> = "Рабочие дни, перенесённые на выходные.",
    }

    /// `[schedules.NAME]`
    ScheduleTable {
        /// Hours; those that end before they begin end on the next day.
        hours: Many<Hours> = "Часы; если конец раньше начала, это уже следующий день.",
        /// Days of the week or of the calendar.
        days: Many<Days> = "Дни недели или дни производственного календаря.",
        /// Dates; without a year, of every year.
        dates: Many<DateRange> = "Даты; без года — каждого года.",
        /// Time zone of its own, for a site far from the region's capital.
        time_zone: Text = "Свой часовой пояс, если площадка далеко от столицы региона.",
        /// Other schedules that must all hold.
        when: Many<Name> = "Другие расписания, которые должны действовать все.",
        /// Other schedules of which none may hold.
        except: Many<Name> = "Другие расписания, из которых не должно действовать ни одно.",
        /// Other schedules of which one must hold.
        either: Many<Name> = "Другие расписания, из которых должно действовать хотя бы одно.",
    }
}
