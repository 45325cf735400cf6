# Karolinska, December 2023: the oxygen interlock closes the inlet during service work and is not
# reset; 16 tanks are not filled for five days; the alarm is taken for maintenance noise.
story S1 Karolinska: the interlock stays shut over Christmas
tanks 16
noise 0.3
at 0 maintain room-1 8h
at 0 shows room-1 oxygen-1 17.9
at 0 shows room-1 inlet-closed 1
at 0 no-refill
at 1min acknowledge room-1.ln2-inhibited false
at 10min shows room-1 oxygen-1 20.9
end 26h
loss 116h
told room-1.ln2-inhibited p1 within 1min
told room-1.oxygen-1-low p1 within 1min
# The false "handled" is overturned; and the end of the maintenance is not taken for repair.
told room-1.ln2-inhibited p1 within 16min of 2min required 15min
told room-1.maintenance-unproven p1 within 2min of 8h required 1min
again every 5min evaporation 20 step 5 hour 7
