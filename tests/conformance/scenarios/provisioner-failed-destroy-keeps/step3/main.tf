resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    when    = destroy
    command = "test -e may-go-${self.input}"
  }
}
resource "terraform_data" "b" {
  input = terraform_data.a.output
}
