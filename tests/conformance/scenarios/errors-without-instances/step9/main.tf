resource "terraform_data" "x" { 
  for_each = {}
  provisioner "local-exec" { command = upper(["a"]) }
}
