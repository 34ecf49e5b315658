import java.text.*;
import java.util.*;

public class Formats {
    public static void main(String[] args) throws Exception {
        System.out.println(new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.US)).format(1234567.891) + " " + new DecimalFormat("0.###E0", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(12345) + " " + new DecimalFormat("00%", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(0.256));
        for (Locale l : new Locale[] {Locale.US, Locale.GERMANY, Locale.FRANCE, Locale.JAPAN, new Locale("hi", "IN")})
            System.out.println(l + " " + NumberFormat.getInstance(l).format(1234567.891) + " " + NumberFormat.getCurrencyInstance(l).format(9.5).codePoints().sum() + " " + NumberFormat.getPercentInstance(l).format(0.5) + " " + l.getDisplayLanguage(Locale.ENGLISH) + " " + String.format(l, "%,.2f", 1234.5));
        System.out.println(MessageFormat.format("{0} has {1,number,integer} {1,choice,0#items|1#item|1<items} '{'{2}'}'", "Cart", 3, null));
        SimpleDateFormat f = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS Z EEE MMM", Locale.US);
        f.setTimeZone(TimeZone.getTimeZone("GMT+2"));
        System.out.println(f.format(new Date(1234567890123L)) + " " + f.parse("2009-02-14T01:31:30.123 +0200 Sat Feb").getTime());
        try {
            f.parse("garbage");
        } catch (ParseException e) {
            System.out.println(e.getMessage() + e.getErrorOffset());
        }
        System.out.println(NumberFormat.getInstance(Locale.GERMANY).parse("1.234,5") + " " + new ChoiceFormat("0#none|1#one|2#many").format(5));
        Collator c = Collator.getInstance(Locale.FRANCE);
        String[] w = {"côte", "cote", "coté", "Côté", "zebra", "Äpfel"};
        Arrays.sort(w, c);
        System.out.println(Arrays.toString(w));
        BreakIterator b = BreakIterator.getSentenceInstance(Locale.US);
        b.setText("Hello there. How are you? Fine!");
        int n = 0;
        while (b.next() != BreakIterator.DONE) n++;
        System.out.println(n + " " + Normalizer.normalize("é", Normalizer.Form.NFD).length() + " " + Normalizer.normalize("ﬁ", Normalizer.Form.NFKC));
        Locale.setDefault(Locale.US);
        Calendar cal = new GregorianCalendar(TimeZone.getTimeZone("UTC"));
        cal.setTimeInMillis(951_782_400_000L);
        System.out.println(cal.get(Calendar.YEAR) + " " + cal.get(Calendar.MONTH) + " " + cal.get(Calendar.DAY_OF_MONTH) + " " + cal.getActualMaximum(Calendar.DAY_OF_MONTH) + " " + cal.getDisplayName(Calendar.DAY_OF_WEEK, Calendar.LONG, Locale.US) + " " + cal.isSet(Calendar.ERA));
        System.out.println(Currency.getInstance("EUR").getDefaultFractionDigits() + Currency.getInstance(Locale.JAPAN).getCurrencyCode() + " " + Locale.forLanguageTag("zh-Hant-TW").getScript() + " " + new Locale.Builder().setLanguage("sr").setScript("Latn").build().toLanguageTag());
        ResourceBundle rb = new ListResourceBundle() { protected Object[][] getContents() { return new Object[][] {{"k", "v"}, {"n", 5}}; } };
        System.out.println(rb.getString("k") + rb.getObject("n"));
        try {
            rb.getString("none");
        } catch (MissingResourceException e) {
            System.out.println(e.getMessage().replaceAll("Formats.*,", "X,"));
        }
        System.out.println(TimeZone.getTimeZone("America/New_York").getOffset(0) + " " + TimeZone.getDefault().getID() + " " + TimeZone.getTimeZone("nonsense").getID());
    }
}
