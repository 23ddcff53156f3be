export const Devices = () => <p>Devices</p>;
