import java.io.*;
import java.util.*;
import javax.xml.XMLConstants;
import javax.xml.parsers.*;
import javax.xml.stream.*;
import javax.xml.transform.*;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.*;
import javax.xml.validation.*;
import javax.xml.xpath.*;
import org.w3c.dom.*;
import org.xml.sax.*;
import org.xml.sax.helpers.DefaultHandler;

/** XML by every road: DOM, SAX, StAX, XPath, XSLT (compiled to classes), schema validation. */
public class Documents {
    static final String STYLE = "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
        + "<xsl:key name='k' match='item' use='@kind'/><xsl:output method='xml' indent='yes'/>"
        + "<xsl:template match='/'><out><xsl:for-each select=\"//item[generate-id() = generate-id(key('k', @kind)[1])]\">"
        + "<xsl:sort select='@kind'/><kind name='{@kind}' n=\"{count(key('k', @kind))}\" sum=\"{sum(key('k', @kind)/@value)}\">"
        + "<xsl:apply-templates select=\"key('k', @kind)[position() &lt; 4]\"/></kind></xsl:for-each></out></xsl:template>"
        + "<xsl:template match='item'><xsl:value-of select=\"concat(substring(., 1, 3), '-', translate(@kind, 'abc', 'xyz'))\"/>"
        + "<xsl:choose><xsl:when test='@value mod 2 = 0'>,</xsl:when><xsl:otherwise>;</xsl:otherwise></xsl:choose></xsl:template>"
        + "</xsl:stylesheet>";
    static final String SCHEMA = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='list'><xs:complexType><xs:sequence>"
        + "<xs:element name='item' maxOccurs='unbounded'><xs:complexType><xs:simpleContent><xs:extension base='xs:string'>"
        + "<xs:attribute name='kind'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='[a-d]'/></xs:restriction></xs:simpleType></xs:attribute>"
        + "<xs:attribute name='value' type='xs:int'/></xs:extension></xs:simpleContent></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>";

    public static void main(String[] args) throws Exception {
        StringWriter text = new StringWriter();
        XMLStreamWriter w = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
        w.writeStartDocument();
        w.writeStartElement("list");
        for (int i = 0; i < 500; i++) {
            w.writeStartElement("item");
            w.writeAttribute("kind", String.valueOf((char) ('a' + i * 7 % 4)));
            w.writeAttribute("value", "" + i);
            w.writeCharacters("text <" + i + "> & more \u00e9\u4e2d");
            w.writeEndElement();
        }
        w.writeEndElement();
        w.writeEndDocument();
        String xml = text.toString();

        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        System.out.println(document.getElementsByTagName("item").getLength());
        XPath xpath = XPathFactory.newInstance().newXPath();
        System.out.println(xpath.evaluate("sum(//item[@kind='b']/@value)", document) + " "
            + xpath.evaluate("string(//item[last()])", document));
        int[] counts = new int[2];
        SAXParserFactory.newInstance().newSAXParser().parse(new InputSource(new StringReader(xml)), new DefaultHandler() {
            @Override
            public void startElement(String u, String l, String q, Attributes a) { counts[0] += a.getLength(); }

            @Override
            public void characters(char[] c, int from, int n) { counts[1] += n; }
        });
        System.out.println(Arrays.toString(counts));
        XMLStreamReader r = XMLInputFactory.newInstance().createXMLStreamReader(new StringReader(xml));
        int events = 0;
        while (r.hasNext()) events = 31 * events + r.next();
        System.out.println(events);
        Templates templates = TransformerFactory.newInstance().newTemplates(new StreamSource(new StringReader(STYLE)));
        for (int i = 0; i < 3; i++) {
            StringWriter out = new StringWriter();
            templates.newTransformer().transform(new DOMSource(document), new StreamResult(out));
            if (i == 2) System.out.println(out);
        }
        Validator validator = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI)
            .newSchema(new StreamSource(new StringReader(SCHEMA))).newValidator();
        validator.validate(new StreamSource(new StringReader(xml)));
        for (String bad : new String[] {xml.replaceFirst("kind=\"b\"", "kind=\"q\""), xml.replaceFirst("</item>", ""), "<a>&b;</a>"}) {
            try {
                validator.validate(new StreamSource(new StringReader(bad)));
            } catch (SAXException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
