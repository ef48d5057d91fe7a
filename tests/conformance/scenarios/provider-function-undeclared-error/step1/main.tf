output "o" { value = provider::terraform::encode_expr({ a = "x" }) }
