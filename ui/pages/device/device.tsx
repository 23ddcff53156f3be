export const Device = () => <p>Device</p>;
