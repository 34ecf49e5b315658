import java.time.*;
import java.time.format.*;
import java.time.temporal.*;
import java.util.Locale;

public class Time {
    public static void main(String[] args) {
        LocalDate d = LocalDate.of(2024, 2, 29);
        System.out.println(d.plusYears(1) + " " + d.plusMonths(12) + " " + d.withDayOfYear(366) + " " + d.isLeapYear() + d.getDayOfWeek() + d.lengthOfMonth() + " " + d.with(TemporalAdjusters.firstInMonth(DayOfWeek.MONDAY)) + " " + d.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR) + " " + d.until(LocalDate.of(2025, 12, 25)) + " " + ChronoUnit.DAYS.between(d, LocalDate.of(2000, 1, 1)));
        LocalTime t = LocalTime.of(23, 59, 59, 999_999_999);
        System.out.println(t.plusNanos(1) + " " + t.truncatedTo(ChronoUnit.MINUTES) + " " + t.toSecondOfDay() + " " + t.minusHours(25));
        ZonedDateTime z = ZonedDateTime.of(2024, 3, 10, 1, 30, 0, 0, ZoneId.of("America/New_York"));
        System.out.println(z + " " + z.plusHours(1) + " " + z.plusDays(1) + " " + z.withZoneSameInstant(ZoneId.of("Asia/Tokyo")) + " " + z.toInstant().toEpochMilli() + " " + z.getOffset());
        System.out.println(ZonedDateTime.of(2024, 11, 3, 1, 30, 0, 0, ZoneId.of("America/New_York")).plusHours(1) + " " + ZoneId.of("Europe/Berlin").getRules().getTransition(LocalDateTime.of(2024, 3, 31, 2, 30)));
        System.out.println(Duration.ofSeconds(3661, 5_000_000) + " " + Duration.between(Instant.EPOCH, Instant.ofEpochSecond(86400 * 3 + 5)).toHoursPart() + " " + Period.of(1, 14, 35).normalized() + " " + Duration.parse("PT-1.5S").toMillis() + " " + Instant.ofEpochMilli(-1) + " " + Instant.parse("2020-01-01T00:00:00.123456789Z").getNano());
        DateTimeFormatter f = DateTimeFormatter.ofPattern("EEEE, d MMMM uuuu HH:mm:ss.SSS VV xxx", Locale.ENGLISH);
        System.out.println(f.format(z) + " " + ZonedDateTime.parse(f.format(z), f).equals(z) + " " + DateTimeFormatter.ISO_WEEK_DATE.format(d) + " " + DateTimeFormatter.RFC_1123_DATE_TIME.format(z) + " " + DateTimeFormatter.BASIC_ISO_DATE.format(d));
        for (Locale l : new Locale[] {Locale.GERMANY, Locale.FRANCE, Locale.CHINA}) System.out.println(DateTimeFormatter.ofLocalizedDate(FormatStyle.FULL).withLocale(l).format(d) + " " + DayOfWeek.MONDAY.getDisplayName(TextStyle.SHORT, l) + " " + WeekFields.of(l).getFirstDayOfWeek());
        String[] bad = {"2023-02-29", "2023-13-01", "x", "2023-1-1"};
        for (String s : bad) {
            try {
                System.out.println(LocalDate.parse(s));
            } catch (DateTimeParseException e) {
                System.out.println(e.getMessage());
            }
        }
        try {
            LocalTime.MIDNIGHT.get(ChronoField.YEAR);
        } catch (UnsupportedTemporalTypeException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(Year.of(2100).isLeap() + " " + YearMonth.parse("2024-02").atEndOfMonth() + " " + MonthDay.of(2, 29).isValidYear(2023) + " " + OffsetDateTime.parse("2020-05-05T10:00+05:30").toEpochSecond() + " " + java.time.chrono.JapaneseDate.of(2020, 1, 1) + " " + java.time.chrono.HijrahDate.from(d) + " " + java.time.chrono.ThaiBuddhistDate.from(d));
        Clock c = Clock.fixed(Instant.ofEpochSecond(1_000_000_000), ZoneOffset.UTC);
        System.out.println(LocalDateTime.now(c) + " " + Instant.now(Clock.offset(c, Duration.ofDays(1))) + " " + ZoneId.systemDefault() + " " + (Instant.now().toEpochMilli() > 1_600_000_000_000L) + " " + (Instant.now().getNano() >= 0));
        long n0 = System.nanoTime(), m0 = System.currentTimeMillis();
        System.out.println(System.nanoTime() >= n0 && System.currentTimeMillis() >= m0);
    }
}
