export const Kiosk = () => <p>Kiosk</p>;
