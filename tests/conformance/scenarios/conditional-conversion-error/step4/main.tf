output "x" { value = false ? [][0] : 1 }
