//@ vm: -Djava.awt.headless=true -Xmx256m
import java.awt.*;
import java.awt.geom.*;
import java.awt.image.*;
import java.io.*;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** AWT without a screen: shapes, gradients, transforms, filters, PNG and JPEG in memory. */
public class Pictures {
    static long sum(BufferedImage image) {
        CRC32 crc = new CRC32();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int p = image.getRGB(x, y);
                for (int s = 0; s < 32; s += 8) crc.update(p >> s);
            }
        }
        return crc.getValue();
    }

    public static void main(String[] args) throws Exception {
        System.out.println(GraphicsEnvironment.isHeadless());
        for (int type : new int[] {BufferedImage.TYPE_INT_ARGB, BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_BYTE_GRAY}) {
            BufferedImage image = new BufferedImage(160, 120, type);
            Graphics2D g = image.createGraphics();
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setPaint(new GradientPaint(0, 0, Color.RED, 160, 120, Color.BLUE));
            g.fillRect(0, 0, 160, 120);
            g.setColor(new Color(0, 255, 0, 128));
            g.rotate(0.3, 80, 60);
            g.fill(new Ellipse2D.Double(20, 20, 100, 60));
            g.setStroke(new BasicStroke(3, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0));
            g.setColor(Color.WHITE);
            Path2D path = new Path2D.Double();
            path.moveTo(10, 10);
            path.curveTo(50, 100, 100, -20, 150, 110);
            g.draw(path);
            g.setClip(new Area(new RoundRectangle2D.Double(30, 30, 80, 50, 10, 10)));
            g.setComposite(AlphaComposite.getInstance(AlphaComposite.SRC_OVER, 0.5f));
            g.fillRect(0, 0, 200, 200);
            g.dispose();
            BufferedImage blurred = new ConvolveOp(new Kernel(3, 3, new float[] {.1f, .1f, .1f, .1f, .2f, .1f, .1f, .1f, .1f})).filter(image, null);
            BufferedImage scaled = new AffineTransformOp(AffineTransform.getScaleInstance(0.5, 0.7), AffineTransformOp.TYPE_BILINEAR).filter(image, null);
            System.out.println(type + " " + sum(image) + " " + sum(blurred) + " " + sum(scaled));
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            BufferedImage back = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
            System.out.println("png " + out.size() + " " + (sum(back) == sum(image)));
            if (type != BufferedImage.TYPE_INT_ARGB) {
                out.reset();
                ImageIO.write(image, "jpg", out);
                System.out.println("jpg " + out.size() + " " + sum(ImageIO.read(new ByteArrayInputStream(out.toByteArray()))));
            }
        }
        Area area = new Area(new Rectangle(0, 0, 10, 10));
        area.subtract(new Area(new Ellipse2D.Double(2, 2, 5, 5)));
        System.out.println(area.contains(5, 5) + " " + area.contains(1, 1) + " " + area.getBounds());
    }
}
