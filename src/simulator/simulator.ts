/** The simulator: a small plant that publishes over real MQTT. Prints nothing; other folders import only this file. */
export { type BackfillOptions, type BackfillProgress, backfill } from './backfill.ts';
export { type DemoOptions, failureComing, runDemo } from './demo.ts';
export { DEMO_RULES } from './demo-rules.ts';
export type { DeviceDescription, Metrics, MetricValue, ParameterDescription, SimulatedDevice } from './device.ts';
export { runSimulation, type SimulationOptions, type SimulationProgress } from './live.ts';
export {
  createPlant,
  DEFAULT_DEVICES,
  demoDevices,
  FAULTY_DEVICE,
  type PlantOptions,
  RECORDED_DEVICE,
} from './plant.ts';
export { RECORDING_STEP_MS, type Recording, readRecording } from './recording.ts';
