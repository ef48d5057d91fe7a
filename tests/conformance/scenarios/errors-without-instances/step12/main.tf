output "x" { value = false ? tonumber("x") : 1 }
