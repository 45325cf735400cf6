import { render } from "preact";
import "./style.css";
import { startScanner } from "./edge/scanner";
import { start } from "./ui/app";
import { Root } from "./ui/root";

start();
startScanner();
render(<Root />, document.getElementById("app")!);
